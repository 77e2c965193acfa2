"""Locks between processes: a `flock` on a small file, gone when its process is gone."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.errors import LockTimeout

POLL_S = 0.02


@contextmanager
def locked(path: Path, *, shared: bool = False, timeout_s: float = 120.0) -> Iterator[None]:
    """Hold the lock file at `path`, alone or shared with other readers; never inside itself.

    Whoever is next holds the gate, a second file, until it has the lock: who comes later waits
    behind it. Without a gate, a publish that follows another kept writers out for two minutes.

    Raises:
        LockTimeout: others held it for `timeout_s` seconds; the message names the file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    end = time.monotonic() + timeout_s
    with _open(path) as handle:
        with _open(path.with_name(path.name + ".gate")) as gate:
            how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
            free = _wait(gate, fcntl.LOCK_EX, end) and _wait(handle, how, end)
        if not free:
            raise LockTimeout(
                f"waited {timeout_s:g} s for {path}; another run holds it. "
                "Wait for that run, or stop it: the lock goes with its process."
            )
        yield


def hold(handle: int, how: int = fcntl.LOCK_EX) -> bool:
    """Lock an open file until it is closed; False when another process holds it."""
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _open(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _wait(handle: int, how: int, end: float) -> bool:
    while not hold(handle, how):
        if time.monotonic() > end:
            return False
        time.sleep(POLL_S)
    return True
