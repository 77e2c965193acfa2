"""Which log files have bytes that were not read yet."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from schemas.errors import Vanished
from schemas.settings import SourceSettings
from tasks.adapters import store
from tasks.intake.ids import hashed
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import BUILT_IN, Rules
from tasks.sources.records import Log
from tasks.sources.sql import Window
from tasks.sources.streams import can_read_on, cannot_read, open_bytes

log = logging.getLogger("flywheel.stage")
_EDGE = 4_096  # bytes at each end that tell a grown file from another one


@dataclass(frozen=True, slots=True)
class NewBytes:
    """A file to read from `offset` on, or the rows of a query: those have a path and size too."""

    source: SourceSettings
    path: Log
    root: Path  # folder from which paths are shown
    shown: str  # the path as the store and the logs show it
    size: int  # when it was looked at, before reading
    mtime_ns: int
    beside: frozenset[str] = frozenset()  # all files of the source, as shown
    head: str = ""  # hash of its first bytes when it was looked at
    offset: int = 0
    torn: str | None = None  # record of an end that was still being written
    last_day: date | None = None  # of the last readable record before `offset`
    day: date | None = None  # that the query was asked for: that of records without a time


def shown(path: Log, root: Path, rules: Rules = BUILT_IN) -> str:
    """Return a path without private values, from `root` on where it lies in there.

    One that held any, or is no text, ends in ~ and a hash: the files of two users must not pass
    for one.
    """
    if isinstance(path, Path) and path.is_relative_to(root):
        path = path.relative_to(root)
    return without_private(path.as_posix(), rules)


def without_private(name: str, rules: Rules) -> str:
    """Redact a path; one that held private values ends in ~ and a hash."""
    clean = Redactor(rules).text(name.encode("utf-8", "replace").decode())
    return clean if clean == name else f"{clean}~{hashed(name)[:8]}"


def new_bytes(
    source: SourceSettings,
    paths: Sequence[Log],
    known: pl.DataFrame,
    root: Path,
    rules: Rules = BUILT_IN,
) -> list[NewBytes]:
    """Return the files of `source` that have changed, in order.

    A file that only grew is read on from where reading ended; any other change, and every file
    that is no plain file of lines, is read from the start. One that is gone by now is left out.

    Args:
        source: whose files these are.
        paths: what it lists.
        known: rows of `pulled_files`.
        root: folder from which paths are shown.
        rules: of redaction, which paths undergo too.
    """
    seen = {row["path"]: row for row in known.to_dicts() if row["source"] == source.name}
    names = {shown(path, root, rules): path for path in paths}
    changed = []
    for name, path in names.items():
        try:
            file = replace(_look(source, path), root=root, shown=name, beside=frozenset(names))
            changed += _changed(file, seen.get(name))
        except Vanished as gone:
            log.warning("%s", gone)
    return changed


def mark(file: NewBytes, read_to: int) -> str:
    """Return the hash of the first and the last bytes among those read.

    Raises:
        Vanished: another file has taken its place since it was looked at.
    """
    if not isinstance(file.path, Path):
        return ""
    if _edges(file.path, min(_EDGE, file.size)) != file.head:
        raise Vanished(f"{file.shown} was replaced while it was read. The next pull reads it anew.")
    return _edges(file.path, read_to)


def _look(source: SourceSettings, path: Log) -> NewBytes:
    try:
        stat = path.stat()
    except OSError as error:
        raise cannot_read(path, error) from error
    size = stat.st_size
    file = NewBytes(source, path, Path(), "", size, stat.st_mtime_ns)
    if isinstance(path, Window) and path.day:
        by_day = source.model_copy(update={"default_day": path.day})
        return replace(file, source=by_day, day=path.day, last_day=path.day)
    return replace(file, head=_edges(path, min(_EDGE, size))) if isinstance(path, Path) else file


def _changed(file: NewBytes, before: dict[str, Any] | None) -> list[NewBytes]:
    if before is None:
        return [] if isinstance(file.path, Window) and not file.size else [file]
    same = (file.size, file.mtime_ns) == (before["size"], before["mtime_ns"])
    if same and _is_marked(file.path, before):
        return []
    return [_read_on(replace(file, torn=before["torn"]), before)]


def _read_on(file: NewBytes, before: dict[str, Any]) -> NewBytes:
    if isinstance(file.path, Window):  # in no order that can be relied on
        return file
    if not (_goes_on(file, before) and can_read_on(file.path)):
        return file
    return replace(file, offset=before["read_to"], last_day=before["last_day"])


def _goes_on(file: NewBytes, before: dict[str, Any]) -> bool:
    """Tell whether the file still begins with what was read of it."""
    if isinstance(file.path, Path):
        return file.size > before["size"] and _is_marked(file.path, before)
    return (0, file.mtime_ns) == (before["size"], before["mtime_ns"])  # some of the same version


def _is_marked(path: Log, before: dict[str, Any]) -> bool:
    if not isinstance(path, Path):
        return True
    return bool(_edges(path, before["read_to"]) == before["mark"])


def _edges(path: Path, read_to: int) -> str:
    with open_bytes(path) as file:
        head = file.read(min(_EDGE, read_to))
        file.seek(max(0, read_to - _EDGE))
        tail = file.read(min(_EDGE, read_to))
    return blake2b(head + tail, digest_size=8).hexdigest()


def known_files(warehouse: Path) -> pl.DataFrame:
    """Return the rows of `pulled_files`."""
    return store.select(warehouse, "FROM pulled_files")
