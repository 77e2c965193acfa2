"""Which of many hashes occur more than once: most do not, and need not be sorted; compiled."""

import numpy as np
import numpy.typing as npt
from numpy import uint64

from tasks.similarity.compiled import compiled
from tasks.similarity.shingles import I64

U64 = npt.NDArray[np.uint64]

_SPARE_BITS = 4  # of 16 bits one is set at most, so one hash of 16 is taken for a repeated one


def may_repeat(hashes: U64) -> I64:
    """Return where in `hashes`, [N], those stand that occur more than once, and a few others.

    Their leading bits must be evenly spread.
    """
    length = max(6, len(hashes).bit_length() + _SPARE_BITS)
    seen, shift = np.zeros((2, 1 << (length - 6)), np.uint64), uint64(64 - length)
    _note(hashes, shift, seen)
    found = np.empty(len(hashes) + 1, np.int64)
    return found[: _pick(hashes, shift, seen, found)].copy()


@compiled
def _note(hashes: U64, shift: uint64, seen: U64) -> None:
    """Set a bit for the leading bits of each hash: in the first row of `seen`, then the second."""
    for value in hashes:
        word, bit = _place(value, shift)
        if seen[0, word] & bit:
            seen[1, word] |= bit
        else:
            seen[0, word] |= bit


@compiled
def _pick(hashes: U64, shift: uint64, seen: U64, found: I64) -> int:
    count = 0
    for at in range(len(hashes)):
        word, bit = _place(hashes[at], shift)
        found[count] = at  # overwritten by the next one unless it counts: no branch to guess
        count += (seen[1, word] & bit) != 0
    return count


@compiled
def _place(value: uint64, shift: uint64) -> tuple[uint64, uint64]:
    leading = value >> shift
    return leading >> uint64(6), uint64(1) << (leading & uint64(63))
