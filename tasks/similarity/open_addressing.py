"""What the hash tables of compiled code share: strings of code points, found by open addressing."""

from tasks.similarity.compiled import compiled
from tasks.similarity.shingles import U32


@compiled
def equal(points: U32, at: int, other: int, length: int) -> bool:
    """Tell whether two strings of this length have the same code points."""
    step = 0
    while step < length and points[at + step] == points[other + step]:
        step += 1
    same: bool = step == length
    return same


@compiled
def mask_for(entries: float, most: int) -> int:
    """Return the mask of twice as many places as entries, a power of two, `most` at the most."""
    size = 16
    while size < 2 * entries and size < most:
        size *= 2
    return size - 1
