"""The search of `lookup`, compiled: a table of bits, then a few hashes of a sorted list."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy import uint64

from tasks.similarity.compiled import compiled

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

SPARE_BITS = 4  # of 16 bits one is set


class HashIndex(NamedTuple):
    """Wanted hashes.

    hashes  [W] uint64  sorted
    starts  [any] int64 where those begin that share their leading bits, and the end after them
    bits    [any] uint64  of still more leading bits, which occur
    shifts  [2] uint64  how far right the leading bits are, those of `starts` and of `bits`
    """

    hashes: U64
    starts: I64
    bits: U64
    shifts: U64


def hash_index(hashes: U64) -> HashIndex:
    """Make the tables of sorted hashes."""
    length = max(6, len(hashes).bit_length())
    shifts = np.array([64 - length, 64 - length - SPARE_BITS], np.uint64)
    counts = np.bincount((hashes >> shifts[0]).astype(np.int64), minlength=1 << length)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    made = HashIndex(hashes, starts, np.zeros(1 << (length + SPARE_BITS - 6), np.uint64), shifts)
    _set_bits(made)
    return made


@compiled
def _set_bits(made: HashIndex) -> None:
    for value in made.hashes:
        place = value >> made.shifts[1]
        made.bits[place >> uint64(6)] |= uint64(1) << (place & uint64(63))


@compiled
def places(made: HashIndex, asked: U64, found: I64) -> int:
    """Write where in `asked` a wanted hash stands; return how many there are."""
    count = 0
    for at in range(len(asked)):
        place = asked[at] >> made.shifts[1]
        if (made.bits[place >> uint64(6)] >> (place & uint64(63))) & uint64(1):
            group = asked[at] >> made.shifts[0]
            for other in made.hashes[made.starts[group] : made.starts[group + uint64(1)]]:
                if other == asked[at]:
                    found[count] = at
                    count += 1
                    break
    return count
