"""Bought replies, safe on disk before anyone is told of them.

One process appends to one segment, which it keeps locked while it lives. Until a segment is
loaded into `llm_calls` it is the truth about what was bought; afterwards it is moved to
`loaded/`, where it stays until the warehouse has been backed up. A segment that nobody holds
belongs to a process that died: whoever comes next loads it.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from tasks.adapters.locks import hold


class Journal:
    """The segment of this process; its name is the owner of this process's claims.

    `unloaded` holds the records that are safe on disk and not in the store yet, oldest first:
    whoever has loaded them clears it.
    """

    def __init__(self, folder: Path) -> None:
        """Create and lock a segment in `folder`."""
        (folder / "loaded").mkdir(mode=0o700, parents=True, exist_ok=True)
        unseen = folder / f"{os.getpid()}-{uuid4().hex[:12]}.new"
        self._handle = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        hold(self._handle)  # before it gets the name under which others look for orphans
        self.path = unseen.rename(unseen.with_suffix(".jsonl"))
        _sync_folder(folder)
        self.unloaded: list[dict[str, Any]] = []
        self._waiting: list[_Line] = []
        self._flusher: asyncio.Task[None] | None = None
        self._failure: OSError | None = None

    @property
    def owner(self) -> str:
        """Name of the segment."""
        return self.path.stem

    async def add(self, record: dict[str, Any]) -> None:
        """Append `record`; return once it would survive a crash of the machine.

        A caller that is cancelled while it waits is not told, but its record is kept too.

        Raises:
            OSError: this write or an earlier one failed, and nobody can know what the file holds.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Line(record, orjson.dumps(record) + b"\n", done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        await done

    async def drain(self) -> None:
        """Wait until every record that was added is safe, or has failed to be."""
        if self._flusher:
            await self._flusher

    def close(self) -> None:
        """Give the segment up; with anything in it that is not loaded, it stays an orphan."""
        try:
            if not (self.unloaded or self._flusher or self._failure):
                _put_away(self.path)
        finally:
            os.close(self._handle)

    async def _flush(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                await self._write(group)
            except OSError as error:  # disk full: nobody may believe that it is safe
                self._failure = error
            for line in group:
                line.tell(self._failure)
        self._flusher = None

    async def _write(self, group: list["_Line"]) -> None:
        """Write a group that has gathered: one write and one fdatasync for all of it."""
        if self._failure:  # a torn line may be last, and a later fdatasync would hide it
            raise self._failure
        _write_all(self._handle, b"".join(line.text for line in group))
        await asyncio.get_running_loop().run_in_executor(None, os.fdatasync, self._handle)
        self.unloaded += [line.record for line in group]


@dataclass(frozen=True, slots=True)
class _Line:
    """A record on its way to the disk, and who waits for it."""

    record: dict[str, Any]
    text: bytes
    done: asyncio.Future[None]

    def tell(self, failure: OSError | None) -> None:
        if self.done.done():  # cancelled
            return
        if failure:
            self.done.set_exception(failure)
        else:
            self.done.set_result(None)


@contextlib.contextmanager
def orphan(path: Path) -> Iterator[list[dict[str, Any]] | None]:
    """Take over the segment of a dead process and give its lines; None when its owner lives.

    A last line that was being written at the kill was acknowledged to nobody and is left out.
    The segment moves to `loaded/` when the block ends without an error.
    """
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        yield None
        return
    try:
        if not hold(handle) or not path.exists():  # its owner lives, or another took it over
            yield None
            return
        yield list(_whole_lines(path))
        _put_away(path)
    finally:
        os.close(handle)


def segments(folder: Path) -> list[Path]:
    """Return the segments that are not loaded yet, oldest name first."""
    return sorted(folder.glob("*.jsonl"))


def loaded(folder: Path) -> list[Path]:
    """Return the segments that are kept until the next backup."""
    return sorted((folder / "loaded").glob("*.jsonl"))


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Pass every line of a loaded segment through `change`; a kill leaves the old or the new."""
    lines = path.read_text(encoding="utf-8").splitlines()
    changed = [change(line) for line in lines]
    if changed != lines:
        fresh = path.with_suffix(".rewritten")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(handle, "".join(line + "\n" for line in changed).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.rename(path)
        _sync_folder(path.parent)


def _put_away(path: Path) -> None:
    """Keep a loaded segment until the next backup; an empty one holds nothing to keep."""
    if path.stat().st_size:
        path.rename(path.parent / "loaded" / path.name)
    else:
        path.unlink()


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    for line in path.read_bytes().splitlines():
        with contextlib.suppress(orjson.JSONDecodeError):
            yield orjson.loads(line)


def _sync_folder(folder: Path) -> None:
    """Make the name of a new file survive a crash of the machine, as its lines will."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
