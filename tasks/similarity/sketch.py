"""MinHash signatures straight from the texts, compiled; the same bits as `signatures`.

A text goes through every step while it is in the processor's cache.
"""

from collections.abc import Sequence

import numpy as np
from numpy import uint32

from tasks.similarity.characters import THICK, U8, characters
from tasks.similarity.compiled import compiled
from tasks.similarity.folding import BLANK, Codes, comparable_codes, packed
from tasks.similarity.shingles import LONG, SHORT, SHORT_ABOVE_PERCENT, U32


def sketch(texts: Sequence[str], permutations: U32) -> U32:
    """Return one signature per text, [N, P] uint32.

    Args:
        texts: few enough to be held as code points, 8 bytes a character.
        permutations: a and b of datasketch, [2, P].
    """
    found = np.empty((len(texts), permutations.shape[1]), uint32)
    if len(texts):
        forms = comparable_codes(packed(texts), texts)
        hashes = np.empty(int((forms.ends - forms.starts).max()) + 8, uint32)
        _sketch_all(forms, characters().kinds, permutations, hashes, found)
    return found


@compiled
def size_of(form: U32, kinds: U8) -> int:
    """Return how many characters a shingle of this comparable text has."""
    thick = solid = 0
    for code in form:
        solid += code != BLANK
        thick += (kinds[code] & THICK) != 0
    return SHORT if 100 * thick > SHORT_ABOVE_PERCENT * solid else LONG


@compiled
def _sketch_all(forms: Codes, kinds: U8, permutations: U32, hashes: U32, found: U32) -> None:
    for n in range(len(forms.starts)):
        form = forms.points[forms.starts[n] : forms.ends[n]]
        count = _hashes(form, size_of(form, kinds), hashes)
        _minima(hashes, count, permutations[0], permutations[1], found[n])


@compiled
def _hashes(form: U32, size: int, hashes: U32) -> int:
    """Write the twice finished murmur hash of each shingle; return how many there are."""
    size = min(size, len(form))
    count = len(form) - size + 1
    if size == LONG:
        for at in range(count):
            words = _block(_block(uint32(0), form[at]), form[at + 1])
            words = _block(_block(_block(words, form[at + 2]), form[at + 3]), form[at + 4])
            hashes[at] = _mix(_mix(words ^ uint32(4 * LONG)))
    else:
        for at in range(count):
            words = uint32(0)
            for block in range(size):
                words = _block(words, form[at + block])
            hashes[at] = _mix(_mix(words ^ uint32(4 * size)))
    return count


@compiled
def _block(words: uint32, code: uint32) -> uint32:
    mixed = uint32(code * uint32(0xCC9E2D51))
    mixed = uint32(uint32((mixed << uint32(15)) | (mixed >> uint32(17))) * uint32(0x1B873593))
    words = uint32(words ^ mixed)
    words = uint32((words << uint32(13)) | (words >> uint32(19)))
    return uint32(words * uint32(5) + uint32(0xE6546B64))


@compiled
def _mix(words: uint32) -> uint32:
    words = uint32(uint32(words ^ (words >> uint32(16))) * uint32(0x85EBCA6B))
    words = uint32(uint32(words ^ (words >> uint32(13))) * uint32(0xC2B2AE35))
    return uint32(words ^ (words >> uint32(16)))


@compiled
def _minima(hashes: U32, count: int, a: U32, b: U32, least: U32) -> None:
    """Write the least of `a * h + b` for each permutation, four hashes at a time."""
    for at in range(count, (count + 3) & ~3):
        hashes[at] = hashes[count - 1]
    least[:] = uint32(0xFFFFFFFF)
    for at in range(0, count, 4):
        h0, h1, h2, h3 = hashes[at], hashes[at + 1], hashes[at + 2], hashes[at + 3]
        for p in range(len(least)):
            first = min(uint32(a[p] * h0 + b[p]), uint32(a[p] * h1 + b[p]))
            second = min(uint32(a[p] * h2 + b[p]), uint32(a[p] * h3 + b[p]))
            least[p] = min(least[p], first, second)
