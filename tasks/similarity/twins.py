"""`verify.are_twins` on facts, compiled: the same verdict and the same Jaccard.

No hash decides here: shingles are equal when their characters are. What needs a look at lines of
code is left to `verify`.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy import uint32

from tasks.similarity.characters import DIGIT
from tasks.similarity.compiled import compiled
from tasks.similarity.facts import CODE, PROSE, Facts
from tasks.similarity.folding import Codes
from tasks.similarity.shingles import I64, U32

NO, ASK = -1.0, -2.0  # instead of a Jaccard: no twins; `verify` must say


class Limits(NamedTuple):
    """Those of `DedupeSettings`."""

    threshold: float
    max_length_difference: float
    min_chars: int


class Table(NamedTuple):
    """A set of shingles: open addressing, as many places as a power of two.

    place  [S] int64   where in the text the shingle begins, -1 for none
    tag    [S] uint32  its hash
    seen   [S] int64   the last question in which it was met
    state  [3] int64   what the set is of (text, form), and the number of questions so far
    """

    place: I64
    tag: U32
    seen: I64
    state: I64


def table(longest: int) -> Table:
    """Return an empty set with room for the shingles of a text of this length."""
    size = 1 << (2 * longest + 16).bit_length()
    places, seen = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    return Table(places, np.zeros(size, np.uint32), seen, np.array([-1, -1, 0]))


@compiled
def twins(facts: Facts, a: int, b: int, limits: Limits, of_a: Table, other: Table) -> float:
    """Return the Jaccard of two texts that are twins, NO, or ASK."""
    if facts.exact[a] == facts.exact[b]:
        return 1.0
    usual, code = facts.usual, facts.is_code[a] or facts.is_code[b]
    length_a, length_b = usual.ends[a] - usual.starts[a], usual.ends[b] - usual.starts[b]
    equal = length_a == length_b and _same_key(facts, a, b)
    if min(length_a, length_b) < limits.min_chars or (equal and not code):
        return 1.0 if equal else NO
    if facts.digits[a] != facts.digits[b]:
        return NO
    if facts.is_code[a] != facts.is_code[b]:
        return ASK
    jaccard = _near(facts, a, b, limits, of_a, other)
    if jaccard != NO and code:
        return ASK  # the layout
    return jaccard if jaccard != NO and _same_digits(facts, a, b) else NO


@compiled
def _same_key(facts: Facts, a: int, b: int) -> bool:
    """Tell whether two texts, stripped and of one length, differ in width at most."""
    points, at, other = facts.usual.points, facts.usual.starts[a], facts.usual.starts[b]
    for step in range(facts.usual.ends[a] - at):
        if facts.width[points[at + step]] != facts.width[points[other + step]]:
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
            return at == end and other == its_end
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
def _near(facts: Facts, a: int, b: int, limits: Limits, of_a: Table, other: Table) -> float:
    """Return the Jaccard of two texts that are near in length and in shingles, else NO."""
    kind = CODE if facts.is_code[a] else PROSE
    forms = facts.code if kind == CODE else facts.prose
    length_a, length_b = forms.ends[a] - forms.starts[a], forms.ends[b] - forms.starts[b]
    longer = max(length_a, length_b)
    if longer - min(length_a, length_b) > limits.max_length_difference * longer:
        return NO
    if facts.sizes[kind, a] != facts.sizes[kind, b]:
        return NO
    _fill(facts, forms, kind, a, of_a)
    if facts.distinct[kind, b] < 0:
        _fill(facts, forms, kind, b, other)
    both = facts.distinct[kind, a] + facts.distinct[kind, b]
    needed = _needed(both, limits.threshold)
    shared = _shared(forms, b, facts.sizes[kind, b], of_a, needed)
    return shared / (both - shared) if shared >= needed else NO


@compiled
def _needed(both: int, threshold: float) -> int:
    """Return the least number of shared shingles that reaches the threshold."""
    needed = max(0, int(threshold / (1 + threshold) * both) - 2)
    while needed < both and needed / (both - needed) < threshold:
        needed += 1
    return needed


@compiled
def _fill(facts: Facts, forms: Codes, kind: int, text: int, table: Table) -> None:
    """Make the table the set of a text's shingles, and note how many there are."""
    if table.state[0] == text and table.state[1] == kind:
        return
    form, size = forms.points[forms.starts[text] : forms.ends[text]], facts.sizes[kind, text]
    mask = _mask(len(form))
    table.place[: mask + 1] = -1
    distinct = 0
    for at in range(len(form) - size + 1):
        tag = _tag(form, at, size)
        where = _find(table, mask, tag, form, form[at : at + size])
        if table.place[where] < 0:
            table.place[where], table.tag[where] = at, tag
            distinct += 1
    facts.distinct[kind, text] = distinct
    table.state[0], table.state[1] = text, kind


@compiled
def _shared(forms: Codes, b: int, size: int, of_a: Table, needed: int) -> int:
    """Count the shingles of b that are in the table, or stop where `needed` is out of reach."""
    a = of_a.state[0]
    of_a.state[2] += 1
    mine, form = forms.points[forms.starts[a] : forms.ends[a]], forms.points
    first, count = forms.starts[b], forms.ends[b] - forms.starts[b] - size + 1
    mask, shared = _mask(len(mine)), 0
    for at in range(first, first + count):
        if shared + first + count - at < needed:
            break
        where = _find(of_a, mask, _tag(form, at, size), mine, form[at : at + size])
        if of_a.place[where] >= 0 and of_a.seen[where] != of_a.state[2]:
            of_a.seen[where] = of_a.state[2]
            shared += 1
    return shared


@compiled
def _find(table: Table, mask: int, tag: uint32, mine: U32, shingle: U32) -> np.int64:
    """Return the place of a shingle in the table, or the free one where it belongs."""
    where = np.int64(tag) & mask
    while table.place[where] >= 0:
        at = table.place[where]
        if table.tag[where] == tag and _equal(mine[at : at + len(shingle)], shingle):
            break
        where = (where + 1) & mask
    return where


@compiled
def _equal(shingle: U32, other: U32) -> bool:
    step = 0
    while step < len(shingle) and shingle[step] == other[step]:
        step += 1
    return bool(step == len(shingle))


@compiled
def _tag(form: npt.NDArray[np.uint32], at: int, size: int) -> uint32:
    words = uint32(0)
    for step in range(size):
        words = uint32(uint32(words ^ form[at + step]) * uint32(0x9E3779B1))
        words = uint32(words ^ (words >> uint32(15)))
    return words


@compiled
def _mask(length: int) -> int:
    size = 16
    while size < 2 * length:
        size *= 2
    return size - 1
