"""Rare searches for garbage while many objects come and go that hold no cycles.

Python looks for cycles after every 700 new objects. With hundreds of calls in flight it reads all
of theirs again and again and finds nothing: a sixth of the CPU of an answer went into that.
"""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS = 50_000  # new ones between two searches: about what 512 calls in flight are made of

_lock = threading.Lock()
_before: list[tuple[int, int, int]] = []  # one for each block under way; the first is the user's


@contextmanager
def seldom_sought() -> Iterator[None]:
    """Search after `OBJECTS` new objects at the earliest while any such block is under way."""
    with _lock:
        _before.append(gc.get_threshold())
        first, *others = _before[0]
        if first:  # 0: the user has switched it off
            gc.set_threshold(max(first, OBJECTS), *others)
    try:
        yield
    finally:
        with _lock:
            usual = _before[0]
            _before.pop()
            if not _before:
                gc.set_threshold(*usual)
