"""Turn a loop into machine code, where the [fast] extra is installed."""

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

from tasks.adapters import cache

F = TypeVar("F", bound=Callable[..., object])

AVAILABLE = find_spec("numba") is not None
# Rows from which on compiled code is worth its start: half a minute or more the first time, a
# second from the cache. A demo's day of 1,000 prompts takes Python less than a second.
MANY = 10_000


def pays_off(rows: int) -> bool:
    """Tell whether there is compiled code and it is worth its start; results are the same."""
    return AVAILABLE and rows >= MANY


def compiled(function: F) -> F:
    """Compile a function that fills the arrays it is given; call it only where `AVAILABLE`.

    It can make no array, nor return one. So numba need not count references: it would, at each
    call, for every array of every argument, and that took longer than much of the work.

    Machine code is kept in the user's cache folder: it takes half a minute to make. It is never
    kept beside the source, which may be read-only or shared by several versions.
    """
    numba: Any = import_module("numba")  # only where it is installed; with types or without
    folder = cache_folder()
    before, numba.config.CACHE_DIR = numba.config.CACHE_DIR, str(folder or "")
    try:
        options = {"nogil": True, "boundscheck": False, "cache": folder is not None}
        # numba's manual does not name this option, so pyproject.toml bounds the version
        made: F = numba.njit(**options, _nrt=False)(function)
        return made
    finally:
        numba.config.CACHE_DIR = before


@lru_cache(maxsize=1)
def cache_folder() -> Path | None:
    """Return a folder of this version of the loops that can be written, None where none can.

    numba looks at the file of a function only; a change of what it calls needs a new folder.
    """
    return cache.writable(_version(), os.environ.get("NUMBA_CACHE_DIR"))


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
