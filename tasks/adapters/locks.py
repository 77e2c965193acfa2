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
    """Hold the lock file at `path`, alone or shared with other readers.

    Raises:
        LockTimeout: others held it for `timeout_s` seconds; the message names the file.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _wait(handle, path, fcntl.LOCK_SH if shared else fcntl.LOCK_EX, timeout_s)
        yield
    finally:
        os.close(handle)


def hold(handle: int) -> bool:
    """Lock an open file until it is closed; False when another process holds it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(handle: int, path: Path, how: int, timeout_s: float) -> None:
    end = time.monotonic() + timeout_s
    while True:
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise LockTimeout(
                    f"waited {timeout_s:g} s for {path}; another run holds it. "
                    "Wait for that run, or stop it: the lock goes with its process."
                ) from None
            time.sleep(POLL_S)
