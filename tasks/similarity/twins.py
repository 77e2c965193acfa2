"""`verify.are_twins` on facts, compiled: the same verdict and the same Jaccard.

No hash decides here: shingles are equal when their characters are. What needs a look at lines of
code is left to `verify`: whether two codes agree in layout, and all of a pair of code and prose.
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

TEXT, KIND, MASK, QUESTION = range(4)  # places in the state of a table
NO, ASK = -1.0, -2.0  # instead of a Jaccard: no twins; `verify` must say


class Limits(NamedTuple):
    """Those of `DedupeSettings`, and whether twins may have other digits."""

    threshold: float
    max_length_difference: float
    min_chars: int
    any_digits: bool


class Table(NamedTuple):
    """A set of shingles: open addressing, as many places as a power of two.

    place  [S] int64   where the shingle begins among all code points, -1 for none
    tag    [S] uint32  its hash
    seen   [S] int64   the last question in which it was met
    state  [4] int64   TEXT and KIND of form that it is made of, MASK for its places, QUESTIONs
                       so far
    """

    place: I64
    tag: U32
    seen: I64
    state: I64


def table(longest: int) -> Table:
    """Return an empty set with room for the shingles of a text of this length."""
    size = 1 << (2 * longest + 16).bit_length()
    places, seen = np.full(size, -1, np.int64), np.full(size, -1, np.int64)
    return Table(places, np.zeros(size, np.uint32), seen, np.array([-1, -1, 0, 0]))


@compiled
def twins(facts: Facts, a: int, b: int, limits: Limits, of_a: Table, other: Table) -> float:
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
    jaccard = _near(facts, a, b, limits, of_a, other)
    if jaccard == NO or limits.any_digits:
        return jaccard
    return jaccard if _same_digits(facts, a, b) else NO


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
    if table.state[TEXT] == text and table.state[KIND] == kind:
        return
    first, size = forms.starts[text], facts.sizes[kind, text]
    length = forms.ends[text] - first
    table.state[TEXT], table.state[KIND], table.state[MASK] = text, kind, _mask(length)
    table.place[: table.state[MASK] + 1] = -1
    distinct = 0
    for at in range(first, first + length - size + 1):
        tag = _tag(forms.points, at, size)
        where = _find(table, tag, forms.points, at, size)
        if table.place[where] < 0:
            table.place[where], table.tag[where] = at, tag
            distinct += 1
    facts.distinct[kind, text] = distinct


@compiled
def _shared(forms: Codes, b: int, size: int, of_a: Table, needed: int) -> int:
    """Count the shingles of b that are in the table, or stop where `needed` is out of reach."""
    of_a.state[QUESTION] += 1
    question, points = of_a.state[QUESTION], forms.points
    end, shared = forms.ends[b] - size + 1, 0
    for at in range(forms.starts[b], end):
        if shared + end - at < needed:
            break
        where = _find(of_a, _tag(points, at, size), points, at, size)
        if of_a.place[where] >= 0 and of_a.seen[where] != question:
            of_a.seen[where] = question
            shared += 1
    return shared


@compiled
def _find(table: Table, tag: uint32, points: U32, at: int, size: int) -> int:
    """Return the place of the shingle at `at` in the table, or the free one where it belongs."""
    mask = table.state[MASK]
    where: int = np.int64(tag) & mask
    while table.place[where] >= 0:
        if table.tag[where] == tag and _equal(points, table.place[where], at, size):
            break
        where = (where + 1) & mask
    return where


@compiled
def _equal(points: U32, at: int, other: int, size: int) -> bool:
    step = 0
    while step < size and points[at + step] == points[other + step]:
        step += 1
    same: bool = step == size
    return same


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
