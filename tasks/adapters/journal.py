"""Bought replies, safe on disk before anyone is told of them.

One process appends to one segment, which it keeps locked while it lives. Until a segment is
loaded into `llm_calls` it is the truth about what was bought; afterwards it is moved to
`loaded/`, where it stays until the warehouse has been backed up. A segment that nobody holds
belongs to a process that died: whoever comes next loads it.
"""

import asyncio
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from tasks.adapters.locks import hold


class Journal:
    """The segment of this process; its name is the owner of this process's claims."""

    def __init__(self, folder: Path) -> None:
        """Create and lock a segment in `folder`."""
        (folder / "loaded").mkdir(mode=0o700, parents=True, exist_ok=True)
        unseen = folder / f"{os.getpid()}-{uuid4().hex[:12]}.new"
        self._handle = os.open(unseen, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        hold(self._handle)  # before it gets the name under which others look for orphans
        self.path = unseen.rename(unseen.with_suffix(".jsonl"))
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None

    @property
    def owner(self) -> str:
        """Name of the segment."""
        return self.path.stem

    async def add(self, record: dict[str, Any]) -> None:
        """Append `record`; return once it would survive a crash of the machine."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((orjson.dumps(record) + b"\n", done))
        if self._flusher is None:
            self._flusher = asyncio.create_task(self._flush())
        await done

    def close(self) -> None:
        """Give the segment up: its lines are loaded."""
        if self.path.stat().st_size:
            self.path.rename(self.path.parent / "loaded" / self.path.name)
        else:
            self.path.unlink()
        os.close(self._handle)

    async def _flush(self) -> None:
        """Write whatever has gathered as one group: one write and one fdatasync for all."""
        loop = asyncio.get_running_loop()
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                _write_all(self._handle, b"".join(line for line, _ in group))
                await loop.run_in_executor(None, os.fdatasync, self._handle)
            except OSError as error:  # disk full: nobody may believe that it is safe
                for _, done in group:
                    done.set_exception(error)
                continue
            for _, done in group:
                done.set_result(None)
        self._flusher = None


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
        yield [orjson.loads(line) for line in path.read_bytes().splitlines(True) if _whole(line)]
        path.rename(path.parent / "loaded" / path.name)
    finally:
        os.close(handle)


def segments(folder: Path) -> list[Path]:
    """Return the segments that are not loaded yet, oldest name first."""
    return sorted(folder.glob("*.jsonl"))


def _whole(line: bytes) -> bool:
    if not line.endswith(b"\n"):
        return False
    with contextlib.suppress(orjson.JSONDecodeError):
        orjson.loads(line)
        return True
    return False


def _write_all(handle: int, data: bytes) -> None:
    while data:
        data = data[os.write(handle, data) :]
