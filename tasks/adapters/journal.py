"""Bought replies, safe on disk before anyone is told of them.

One process appends to one segment after the other, which it keeps locked while it lives. Until a
segment is loaded into `llm_calls` it is the truth about what was bought; afterwards it is moved to
`loaded/`, where it stays until the warehouse has been backed up. A segment that nobody holds
belongs to a process that died: whoever comes next loads it.
"""

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from tasks.adapters.disk import to_disk
from tasks.adapters.locks import hold

GATHER_S = 0.01  # for the replies that share an fdatasync
SEGMENT_BYTES = 64_000_000  # a segment that has grown to this is followed by another


class Journal:
    """The segments of this process; their common name is the owner of its claims.

    `unloaded` holds the records that are safe on disk and not in the store yet, oldest first:
    whoever has loaded some of them says so with `loaded`.
    """

    def __init__(self, folder: Path) -> None:
        """Create and lock a segment in `folder`."""
        (folder / "loaded").mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder = folder
        self.owner = f"{os.getpid()}-{uuid4().hex[:12]}"
        self.unloaded: list[dict[str, Any]] = []
        self.owes = False  # whether claims or records in its name are left to settle
        self._segments = [_Segment(folder, f"{self.owner}.0001")]
        self._unsafe: list[_Line] = []  # written, but the disk has not said so yet
        self._syncing: asyncio.Task[None] | None = None
        self._failure: OSError | None = None

    @property
    def path(self) -> Path:
        """The segment that is written to."""
        return self._segments[-1].path

    def add(self, record: dict[str, Any]) -> asyncio.Future[None]:
        """Append `record`, which survives the death of this process from now on.

        Returns:
            A future that is done once it would survive a crash of the machine too; it fails with
            OSError when nobody can know that.

        Raises:
            OSError: this write or an earlier one failed; the record is not kept.
        """
        if self._failure:  # a torn line may be last
            raise self._failure
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        segment = self._roomy()
        try:
            segment.write(orjson.dumps(record) + b"\n")
        except OSError as error:  # disk full
            self._failure = error
            raise
        segment.unsafe += 1
        self._unsafe.append(_Line(record, segment, done))
        if self._syncing is None:
            self._syncing = asyncio.create_task(self._sync())
        return done

    async def drain(self) -> None:
        """Wait until every record that was added is safe, or has failed to be."""
        if self._syncing:
            await self._syncing

    def loaded(self, count: int) -> None:
        """Forget the oldest `count` of `unloaded`, and put away the segments they fill."""
        del self.unloaded[:count]
        for segment in list(self._segments):
            taken = min(count, segment.unloaded)
            segment.unloaded -= taken
            count -= taken
            if segment is not self._segments[-1] and not (segment.unloaded or segment.unsafe):
                self._segments.remove(segment)
                segment.put_away()

    def close(self) -> None:
        """Give the segments up; one with anything in it that is not loaded stays an orphan."""
        whole = not (self.owes or self._syncing or self._failure)
        for segment in self._segments:
            if whole and not segment.unloaded:
                segment.put_away()
            else:
                os.close(segment.handle)
        self._failure = self._failure or OSError("the journal is closed")

    async def _sync(self) -> None:
        """Make safe what has gathered: one fdatasync for all of it."""
        while self._unsafe:
            await asyncio.sleep(GATHER_S)
            group, self._unsafe = self._unsafe, []
            try:
                for handle in {line.segment.handle for line in group}:
                    await asyncio.get_running_loop().run_in_executor(None, os.fdatasync, handle)
            except OSError as error:  # nobody may believe that it is safe
                self._failure = error
            if self._failure is None:
                for line in group:
                    line.segment.unloaded += 1
                    line.segment.unsafe -= 1
                self.unloaded += [line.record for line in group]
            for line in group:
                line.tell(self._failure)
        self._syncing = None

    def _roomy(self) -> "_Segment":
        if self._segments[-1].size >= SEGMENT_BYTES:
            number = int(self.path.stem.rpartition(".")[2]) + 1
            self._segments.append(_Segment(self.folder, f"{self.owner}.{number:04}"))
        return self._segments[-1]


class _Segment:
    """One file of a live process."""

    def __init__(self, folder: Path, name: str) -> None:
        unseen = folder / f"{name}.new"
        self.handle = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        hold(self.handle)  # before it gets the name under which others look for orphans
        self.path = unseen.rename(unseen.with_suffix(".jsonl"))
        to_disk(folder)
        self.size = 0
        self.unsafe = 0  # records that are written, but the disk has not said so yet
        self.unloaded = 0  # records that are safe here and not in the store yet

    def write(self, data: bytes) -> None:
        self.size += len(data)
        _write_all(self.handle, data)

    def put_away(self) -> None:
        try:
            _put_away(self.path)
        finally:
            os.close(self.handle)


@dataclass(frozen=True, slots=True)
class _Line:
    """A record on its way to the disk, and who waits for it."""

    record: dict[str, Any]
    segment: "_Segment"
    done: asyncio.Future[None]

    def tell(self, failure: OSError | None) -> None:
        if self.done.done():  # cancelled
            return
        if failure:
            self.done.set_exception(failure)
        else:
            self.done.set_result(None)


@contextlib.contextmanager
def orphan(*paths: Path) -> Iterator[list[dict[str, Any]] | None]:
    """Take over all segments of a dead process and give their lines; None when it lives.

    A last line that was being written at the kill was acknowledged to nobody and is left out.
    The segments move to `loaded/` when the block ends without an error.
    """
    with contextlib.ExitStack() as held:
        if not all(_taken_over(path, held) for path in paths):
            yield None
            return
        yield [line for path in paths for line in _whole_lines(path)]
        for path in paths:
            _put_away(path)


def segments(folder: Path) -> list[Path]:
    """Return the segments that are not loaded yet, oldest name first."""
    return sorted(folder.glob("*.jsonl"))


def by_owner(folder: Path) -> Iterator[tuple[str, list[Path]]]:
    """Yield each owner with its segments that are not loaded yet."""
    for owner, paths in groupby(segments(folder), key=lambda path: path.name.partition(".")[0]):
        yield owner, list(paths)


def unloaded(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield what is bought and not in the store yet, whoever bought it; nothing is taken over."""
    for path in segments(folder):
        with contextlib.suppress(FileNotFoundError):  # just loaded
            yield from _whole_lines(path)


def loaded(folder: Path) -> list[Path]:
    """Return the segments that are kept until the next backup."""
    return sorted((folder / "loaded").glob("*.jsonl"))


def rewrite(path: Path, change: Callable[[str], str]) -> None:
    """Pass every line of a loaded segment through `change`; a kill leaves the old or the new."""
    lines = path.read_text(encoding="utf-8").split("\n")  # a text may hold U+2028 and the like
    changed = [change(line) for line in lines if line]
    if changed != [line for line in lines if line]:
        fresh = path.with_suffix(".rewritten")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _write_all(handle, "".join(line + "\n" for line in changed).encode())
            os.fsync(handle)
        finally:
            os.close(handle)
        fresh.rename(path)
        to_disk(path.parent)


def _taken_over(path: Path, held: contextlib.ExitStack) -> bool:
    """Lock a segment until `held` ends; False when its owner lives or another took it over."""
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return False
    held.callback(os.close, handle)
    return hold(handle) and path.exists()


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


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
