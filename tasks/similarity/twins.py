"""`verify.are_twins` on facts, compiled: the same verdict and the same Jaccard.

No hash decides here: shingles are equal when their characters are. What needs a look at lines of
code is left to `verify`: whether two codes agree in layout, and all of a pair of code and prose.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy import uint32, uint64

from tasks.similarity.characters import ALONE, DIGIT
from tasks.similarity.compiled import compiled
from tasks.similarity.facts import CODE, PROSE, Facts
from tasks.similarity.folding import Codes
from tasks.similarity.open_addressing import equal, mask_for
from tasks.similarity.shingles import I64, U32

TEXT, KIND, MASK, DISTINCT, PAIR = range(5)  # places in the state of a proof
NO, ASK = -1.0, -2.0  # instead of a Jaccard: no twins; `verify` must say
NOTHING = -1  # instead of a place or a text

_BASE, _MIX = uint64(0x9FB21C651E98DF25), uint64(0x9E3779B97F4A7C15)  # odd, their bits mixed


class Limits(NamedTuple):
    """Those of `DedupeSettings`, and whether twins may have other digits."""

    threshold: float
    max_length_difference: float
    min_chars: int
    any_digits: bool


class ShingleSet(NamedTuple):
    """Scratch: the shingles of one text as a set, and what those it met came to.

    The set has as many places as a power of two; a shingle stands in the first free one from
    where its hash points. While another text is compared, its own shingles are added.

    place    [S] int64    where the shingle begins among all code points, NOTHING for a free place
    tag      [S] uint32   its hash
    seen     [S] uint32   the last pair in which the other text had it
    added    [S] int64    the places of what the other text added
    met      [M] int64    by text, with which it was compared last
    jaccard  [M] float64  what came of it: a row that waits for an answer comes again
    state    [5] int64    TEXT and KIND of form that the set is made of, MASK for its places, how
                          many of its shingles are DISTINCT, and the number of PAIRs so far
    """

    place: I64
    tag: U32
    seen: U32
    added: I64
    met: I64
    jaccard: npt.NDArray[np.float64]
    state: I64


def shingle_set(texts: int, longest: int) -> ShingleSet:
    """Return scratch for so many texts, of which the longest has so many shingles."""
    size = 1 << (4 * longest + 16).bit_length()
    place, added = np.empty((2, size), np.int64)  # `_fill` frees the places that it needs
    tag, seen = np.zeros((2, size), np.uint32)
    met, jaccard = np.full(texts, NOTHING, np.int64), np.zeros(texts)
    return ShingleSet(place, tag, seen, added, met, jaccard, np.array([NOTHING, NOTHING, 0, 0, 0]))


@compiled
def twins(facts: Facts, a: int, b: int, limits: Limits, of_a: ShingleSet) -> float:
    """Return the Jaccard of two texts that are twins but for their layout, NO, or ASK."""
    if facts.exact[a] == facts.exact[b]:
        return 1.0
    usual, code = facts.usual, facts.is_code[a] or facts.is_code[b]
    length_a, length_b = usual.ends[a] - usual.starts[a], usual.ends[b] - usual.starts[b]
    equal = length_a == length_b and _same_key(facts, a, b)
    if min(length_a, length_b) < limits.min_chars or (equal and not code):
        return 1.0 if equal else NO
    if not limits.any_digits and facts.digits[a] != facts.digits[b]:
        return NO
    if facts.is_code[a] != facts.is_code[b]:
        return ASK
    if of_a.met[b] != a:
        of_a.met[b], of_a.jaccard[b] = a, _near(facts, a, b, limits, of_a)
    if of_a.jaccard[b] != NO and not limits.any_digits and not _same_digits(facts, a, b):
        return NO
    jaccard: float = of_a.jaccard[b]
    return jaccard


@compiled
def _same_key(facts: Facts, a: int, b: int) -> bool:
    """Tell whether two texts, stripped and of one length, differ in width at most."""
    points, at, other = facts.usual.points, facts.usual.starts[a], facts.usual.starts[b]
    for step in range(facts.usual.ends[a] - at):
        mine, its = points[at + step], points[other + step]
        if mine != its and (facts.width[mine] == ALONE or facts.width[mine] != facts.width[its]):
            return False
    return True


@compiled
def _same_digits(facts: Facts, a: int, b: int) -> bool:
    at, end = facts.raw.starts[a], facts.raw.ends[a]
    other, its_end = facts.raw.starts[b], facts.raw.ends[b]
    while True:
        at = _next_digit(facts, at, end)
        other = _next_digit(facts, other, its_end)
        if at == end or other == its_end:
            same: bool = at == end and other == its_end
            return same
        if facts.raw.points[at] != facts.raw.points[other]:
            return False
        at += 1
        other += 1


@compiled
def _next_digit(facts: Facts, at: int, end: int) -> int:
    while at < end and not facts.kinds[facts.raw.points[at]] & DIGIT:
        at += 1
    return at


@compiled
def _near(facts: Facts, a: int, b: int, limits: Limits, of_a: ShingleSet) -> float:
    """Return the Jaccard of two texts that are near in length and in shingles, else NO."""
    kind = CODE if facts.is_code[a] else PROSE
    forms = facts.code if kind == CODE else facts.prose
    length_a, length_b = forms.ends[a] - forms.starts[a], forms.ends[b] - forms.starts[b]
    longer = max(length_a, length_b)
    if longer - min(length_a, length_b) > limits.max_length_difference * longer:
        return NO
    size = facts.sizes[kind, a]
    if size != facts.sizes[kind, b]:
        return NO
    if of_a.state[TEXT] != a or of_a.state[KIND] != kind:
        _fill(of_a, forms, a, size, limits.threshold)
        of_a.state[TEXT], of_a.state[KIND] = a, kind
    return _compared(of_a, forms, b, size, limits.threshold)


@compiled
def _fill(of_a: ShingleSet, forms: Codes, a: int, size: int, threshold: float) -> None:
    """Make the set that of a text's shingles, with room for those that a twin may add."""
    points, first, last = forms.points, forms.starts[a], forms.ends[a] - size
    of_a.state[MASK] = mask_for((last - first + 1) / threshold, len(of_a.place))
    of_a.place[: of_a.state[MASK] + 1] = NOTHING
    leaving, words, distinct = _power(size), _words(points, first, size), 0
    for at in range(first, last + 1):
        if at > first:
            words = _next(words, points[at - 1] * leaving, points[at + size - 1])
        tag = _tag(words)
        where = _find(of_a, tag, points, at, size)
        if of_a.place[where] == NOTHING:
            of_a.place[where], of_a.tag[where] = at, tag
            distinct += 1
    of_a.state[DISTINCT] = distinct


@compiled
def _compared(of_a: ShingleSet, forms: Codes, b: int, size: int, threshold: float) -> float:
    """Return the Jaccard of b and the set, NO as soon as it cannot reach the threshold.

    Shingles that only b has are added to the set, so that each counts once, and taken out again.
    """
    points, first, last = forms.points, forms.starts[b], forms.ends[b] - size
    of_a.state[PAIR] += 1
    pair, distinct, shared, missed = uint32(of_a.state[PAIR]), of_a.state[DISTINCT], 0, 0
    needed = threshold * distinct - 1e-6
    leaving, words = _power(size), _words(points, first, size)
    for at in range(first, last + 1):
        if min(distinct, shared + last - at + 1) < needed:
            break
        if at > first:
            words = _next(words, points[at - 1] * leaving, points[at + size - 1])
        tag = _tag(words)
        where = _find(of_a, tag, points, at, size)
        if of_a.place[where] == NOTHING:
            of_a.place[where], of_a.tag[where], of_a.seen[where] = at, tag, pair
            of_a.added[missed] = where
            missed += 1
            needed = threshold * (distinct + missed) - 1e-6
        elif of_a.seen[where] != pair:
            of_a.seen[where] = pair
            shared += 1
    for where in of_a.added[:missed]:
        of_a.place[where] = NOTHING
    jaccard: float = shared / (distinct + missed)
    return jaccard if jaccard >= threshold else NO


@compiled
def _find(of_a: ShingleSet, tag: uint32, points: U32, at: int, size: int) -> int:
    """Return the place of the shingle at `at` in the set, or the free one where it belongs."""
    mask = of_a.state[MASK]
    where: int = np.int64(tag) & mask
    while of_a.place[where] != NOTHING:
        if of_a.tag[where] == tag and equal(points, of_a.place[where], at, size):
            break
        where = (where + 1) & mask
    return where


@compiled
def _words(points: U32, first: int, size: int) -> uint64:
    """Return the polynomial hash of a shingle: its code points times powers of a base, added."""
    words = uint64(0)
    for code in points[first : first + size]:
        words = words * _BASE + uint64(code)
    return words


@compiled
def _next(words: uint64, gone: uint64, come: uint32) -> uint64:
    """Return the hash of the next shingle, without what is gone and with what has come."""
    return (words - gone) * _BASE + uint64(come)


@compiled
def _power(size: int) -> uint64:
    """Return what the first code point of a shingle is multiplied with."""
    power = uint64(1)
    for _ in range(size - 1):
        power *= _BASE
    return power


@compiled
def _tag(words: uint64) -> uint32:
    return uint32((words * _MIX) >> uint64(32))
