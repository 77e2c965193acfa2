"""Which of very many hashes are among some that are wanted."""

import numpy as np
import numpy.typing as npt

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

_SPARE_BITS = 4  # of 16 places of the table one is taken
_AT_ONCE = 1 << 20  # hashes


class Lookup:
    """Hashes that are wanted; their leading bits must be evenly spread.

    Most others are rejected by a table of leading bits, a byte each, without a search.
    """

    def __init__(self, wanted: U64) -> None:
        self._hashes = np.sort(wanted)  # `np.unique` takes twenty times as long
        self._shift = np.uint64(64 - len(self._hashes).bit_length() - _SPARE_BITS)
        self._taken = np.zeros(1 << (64 - int(self._shift)), np.bool_)
        self._taken[self._hashes >> self._shift] = True

    def places(self, hashes: U64) -> I64:
        """Return where in `hashes`, [N], a wanted one stands, ascending."""
        parts = [
            first + self._places(hashes[first : first + _AT_ONCE])
            for first in range(0, len(hashes), _AT_ONCE)
        ]
        return np.concatenate(parts) if parts else np.empty(0, np.int64)

    def _places(self, hashes: U64) -> I64:
        near: I64 = np.flatnonzero(self._taken[hashes >> self._shift])
        at = np.searchsorted(self._hashes, hashes[near])
        found: I64 = near[self._hashes[np.minimum(at, len(self._hashes) - 1)] == hashes[near]]
        return found


class CompiledLookup:
    """The same with compiled code, which is faster."""

    def __init__(self, wanted: U64) -> None:
        from tasks.similarity.hash_index import hash_index  # noqa: PLC0415  it needs numba

        self._index = hash_index(np.sort(wanted))

    def places(self, hashes: U64) -> I64:
        """Return where in `hashes`, [N], a wanted one stands, ascending."""
        from tasks.similarity.hash_index import places  # noqa: PLC0415

        found = np.empty(len(hashes), np.int64)
        return found[: places(self._index, hashes, found)].copy()
