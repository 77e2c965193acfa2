"""MinHash signatures, the same bits as datasketch makes, computed for many texts at once.

A signature equals the `hashvalues` of

    MinHash(num_perm=128, hashfunc=lambda b: mmh3.hash(b, signed=False))

in datasketch 2 after `update(shingle.encode("utf-32-le"))` for each shingle of
`comparable(text)`. So it can be loaded there, any storage of `MinHashLSH` included:

    MinHash(hashvalues=row, permutations=MinHash(num_perm=128).permutations, scheme="affine32")

With the [fast] extra they are made by `sketch`, else by numpy, bit for bit the same.
"""

from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
from numpy import uint32

from tasks.similarity.compiled import pays_off
from tasks.similarity.normalise import comparable
from tasks.similarity.shingles import I64, LONG, U32, code_points, shingle_sizes

NUM_PERM = 128
CHARS_AT_ONCE = 1 << 16  # keeps the hashes of one round in the processor's cache


def signatures(texts: Sequence[str]) -> U32:
    """Return one signature per text, [N, 128] uint32; memory grows with N and the longest text."""
    made = _compiled if pays_off(len(texts)) else by_numpy
    found = np.empty((len(texts), NUM_PERM), uint32)
    for first, last in _rounds(texts):
        found[first:last] = made(texts[first:last])
    return found


def by_numpy(texts: Sequence[str]) -> U32:
    """Return the signatures of some texts without compiled code."""
    if not len(texts):
        return np.empty((0, NUM_PERM), uint32)
    hashes, starts = _shingle_hashes([comparable(text) for text in texts])
    return _minima(_mix(hashes), starts)


def _compiled(texts: Sequence[str]) -> U32:
    from tasks.similarity.sketch import sketch  # noqa: PLC0415  it needs numba

    return sketch(texts, np.ascontiguousarray(_permutations().T))


def _rounds(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield runs of about CHARS_AT_ONCE characters, one text at least, as first and last + 1."""
    first = chars = 0
    for last, text in enumerate(texts, start=1):
        chars += len(text)
        if chars >= CHARS_AT_ONCE or last == len(texts):
            yield first, last
            first, chars = last, 0


def _shingle_hashes(forms: list[str]) -> tuple[U32, I64]:
    """Return the murmur hash of every shingle, text after text, and where each text starts."""
    codes = code_points("".join(forms))
    lengths = np.array([len(form) for form in forms])
    bounds = np.concatenate([[0], np.cumsum(lengths)])
    sizes = np.minimum(shingle_sizes(codes, bounds), lengths)
    counts = lengths - sizes + 1
    starts = np.cumsum(counts) - counts
    at = np.arange(counts.sum()) + np.repeat(bounds[:-1] - starts, counts)
    return _murmur3(codes, at, np.repeat(sizes, counts)), starts


def _murmur3(codes: U32, at: I64, sizes: I64) -> U32:
    """Hash `codes[at : at + size]` with MurmurHash3_x86_32, seed 0; a code point is one block."""
    hashes = np.zeros(len(at), uint32)
    padded = np.concatenate([codes, np.zeros(LONG, uint32)])
    for block in range(int(sizes.max())):
        mixed = _rotate(padded[at + block] * uint32(0xCC9E2D51), 15) * uint32(0x1B873593)
        mixed = _rotate(hashes ^ mixed, 13) * uint32(5) + uint32(0xE6546B64)
        hashes = np.where(block < sizes, mixed, hashes)
    return _mix(hashes ^ (4 * sizes).astype(uint32))


def _rotate(words: U32, bits: int) -> U32:
    return (words << uint32(bits)) | (words >> uint32(32 - bits))


def _mix(words: U32) -> U32:
    """Finish as MurmurHash3 does; datasketch does it once more before it permutes."""
    words = (words ^ (words >> uint32(16))) * uint32(0x85EBCA6B)
    words = (words ^ (words >> uint32(13))) * uint32(0xC2B2AE35)
    return words ^ (words >> uint32(16))


def _minima(hashes: U32, starts: I64) -> U32:
    """Return the least permuted hash of each text, [N, 128]; `a * h + b` wraps at 2^32."""
    least = np.empty((NUM_PERM, len(starts)), uint32)
    permuted = np.empty_like(hashes)
    for row, (a, b) in zip(least, _permutations(), strict=True):
        np.multiply(hashes, a, out=permuted)
        np.add(permuted, b, out=permuted)
        np.minimum.reduceat(permuted, starts, out=row)
    return least.T


@cache
def _permutations() -> U32:
    """Return datasketch's own a and b for seed 1, [128, 2]."""
    # it takes half a second: scipy.integrate and redis come along
    from datasketch import MinHash  # type: ignore[import-untyped]  # noqa: PLC0415

    ours = MinHash(num_perm=NUM_PERM, scheme="affine32")
    return np.ascontiguousarray(ours.permutations.T, uint32)
