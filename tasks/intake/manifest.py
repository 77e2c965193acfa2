"""Which log files have bytes that were not read yet."""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from schemas.settings import SourceSettings
from tasks.adapters import store
from tasks.intake.ids import hashed
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import BUILT_IN, Rules
from tasks.sources.streams import is_compressed, is_document, open_log

_EDGE = 4_096  # bytes at each end that tell a grown file from another one


@dataclass(frozen=True, slots=True)
class NewBytes:
    """A file to read, from `offset` on."""

    source: SourceSettings
    path: Path
    root: Path  # folder from which paths are shown
    shown: str  # the path as the store and the logs show it
    size: int  # when it was looked at, before reading
    mtime_ns: int
    beside: frozenset[str] = frozenset()  # all files of the source, as shown
    offset: int = 0
    torn: str | None = None  # record of a last line that was still being written
    last_day: date | None = None  # of the last readable record before `offset`


def shown(path: Path, root: Path, rules: Rules = BUILT_IN) -> str:
    """Return a path without private values, from `root` on where it lies in there.

    One that held any ends in ~ and a hash: the files of two users must not pass for one.
    """
    inside = path.is_relative_to(root)
    name = (path.relative_to(root) if inside else path).as_posix()
    return without_private(name, rules)


def without_private(name: str, rules: Rules) -> str:
    """Redact a path; one that held private values ends in ~ and a hash."""
    clean = Redactor(rules).text(name)
    return clean if clean == name else f"{clean}~{hashed(name)[:8]}"


def new_bytes(
    source: SourceSettings,
    paths: list[Path],
    known: pl.DataFrame,
    root: Path,
    rules: Rules = BUILT_IN,
) -> list[NewBytes]:
    """Return the files of `source` that have changed, in order.

    A file that only grew is read on from where reading ended; any other change, and every
    compressed or array file, is read from the start.

    Args:
        known: rows of `pulled_files`.
        root: folder from which paths are shown.
        rules: of redaction, which paths undergo too.
    """
    seen = {row["path"]: row for row in known.to_dicts() if row["source"] == source.name}
    names = {shown(path, root, rules): path for path in paths}
    changed = []
    for name, path in names.items():
        before, stat = seen.get(name), path.stat()
        file = NewBytes(source, path, root, name, stat.st_size, stat.st_mtime_ns, frozenset(names))
        if before is None:
            changed.append(file)
        elif (file.size, file.mtime_ns) != (before["size"], before["mtime_ns"]):
            changed.append(_read_on(replace(file, torn=before["torn"]), before))
    return changed


def _read_on(file: NewBytes, before: dict[str, Any]) -> NewBytes:
    grew = file.size > before["size"] and mark(file.path, before["read_to"]) == before["mark"]
    if not grew or not _has_lines(file.path):
        return file
    return replace(file, offset=before["read_to"], last_day=before["last_day"])


def _has_lines(path: Path) -> bool:
    """Tell files that can be read from the middle on from compressed ones and JSON arrays."""
    with open_log(path) as stream:
        return not (is_compressed(path) or is_document(path, stream))


def mark(path: Path, read_to: int) -> str:
    """Return the hash of the first and the last bytes among those read."""
    with path.open("rb") as file:
        head = file.read(min(_EDGE, read_to))
        file.seek(max(0, read_to - _EDGE))
        tail = file.read(min(_EDGE, read_to))
    return blake2b(head + tail, digest_size=8).hexdigest()


def known_files(warehouse: Path) -> pl.DataFrame:
    """Return the rows of `pulled_files`."""
    return store.select(warehouse, "FROM pulled_files")
