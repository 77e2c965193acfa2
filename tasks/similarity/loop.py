"""The inner loop of `rounds`: which kept row each new row repeats or follows; compiled."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.similarity.buckets import Buckets, Collisions, collide, insert
from tasks.similarity.compiled import compiled
from tasks.similarity.facts import Facts
from tasks.similarity.shingles import I64
from tasks.similarity.twins import ASK, NO, Limits, Table, twins

NOBODY, UNKNOWN = -1, -2  # instead of a row

# A rank is one number, the least first: other text, other comparable form, keys not shared, age.
_OTHER_TEXT, _OTHER_FORM, _NOT_SHARED = 1 << 61, 1 << 60, 1 << 40
_MOST_SHARED, _AGE = (1 << 19) - 1, (1 << 40) - 1


class Marks(NamedTuple):
    """What becomes of N new rows; rows are named by their age, the history's come first.

    keeper    [N] int64    the row it repeats, or NOBODY
    template  [N] int64    the row it follows, or NOBODY
    jaccard   [N] float64  with either, NaN with neither
    over      [N] bool     one follower too many
    """

    keeper: I64
    template: I64
    jaccard: npt.NDArray[np.float64]
    over: npt.NDArray[np.bool_]


class Asked(NamedTuple):
    """What is asked of two rows.

    fields  how many fields must be twins, from the first on
    guard   the field in which twins may fill a template differently, -1 for none
    limits  what twins are
    """

    fields: int
    guard: int
    limits: Limits


class Choice(NamedTuple):
    """What does not change while rows are looked at, but for what is written into its arrays.

    slots      [F, rows] int64  which of the facts a row's field has
    owners     [rows] int64     rows of one owner need the first field only
    originals  [rows] bool      kept and following no other
    followers  [rows] int64     how many follow each
    cap        candidates looked at per row
    most       rows per template, 0 where none are looked for
    same       what makes a row repeat another
    follows    what makes it follow another
    """

    buckets: Buckets
    marks: Marks
    slots: I64
    owners: I64
    originals: npt.NDArray[np.bool_]
    followers: I64
    cap: int
    most: int
    same: Asked
    follows: Asked


class Scratch(NamedTuple):
    """What the proof needs, and memory that is used again for every row.

    asked    [any, 3] int64  pairs of texts that `verify` was asked about for the current row, and
                             whether with any digits; with -1 - b in the place of b it was `guard`
    answers  [any] float64   what it said; before that, ASK or the Jaccard if the layout agrees
    state    [1] int64       how many of them are answered; the next is the open question
    """

    facts: Facts
    collisions: Collisions
    mine: Table
    other: Table
    asked: I64
    answers: npt.NDArray[np.float64]
    state: I64


@compiled
def choose_rows(choice: Choice, scratch: Scratch, first: int, last: int) -> int:
    """Mark the new rows from `first` on; return the one that waits for an answer, or `last`."""
    scratch.mine.state[:2] = -1
    for n in range(first, last):
        if not _mark(choice, scratch, n):
            return n
        scratch.state[0] = 0
    return last


@compiled
def _mark(choice: Choice, scratch: Scratch, n: int) -> bool:
    """Mark a row; false where a question has to be answered first."""
    row, marks = len(choice.owners) - len(choice.marks.keeper) + n, choice.marks
    count = collide(choice.buckets, n, scratch.collisions)
    keeper, template, jaccard = NOBODY, NOBODY, NO
    if count:
        ranks = _ranks(choice, scratch, count, row)
        keeper, jaccard = _first(choice, scratch, row, ranks, choice.same)
        if keeper == NOBODY and choice.most:
            ranks = _ranks_of_originals(choice, ranks)
            template, jaccard = _first(choice, scratch, row, ranks, choice.follows)
    if UNKNOWN in (keeper, template):
        return False
    marks.keeper[n], marks.template[n] = keeper, template
    marks.jaccard[n] = jaccard if jaccard != NO else np.nan
    _settle(choice, n, row)
    return True


@compiled
def _settle(choice: Choice, n: int, row: int) -> None:
    """Count a follower, and insert the row if it is kept."""
    keeper, template = choice.marks.keeper[n], choice.marks.template[n]
    choice.originals[row] = keeper == NOBODY and template == NOBODY
    over = template != NOBODY and choice.followers[template] + 1 >= choice.most
    choice.marks.over[n] = over
    if template != NOBODY and not over:
        choice.followers[template] += 1
    if keeper == NOBODY and not over:
        insert(choice.buckets, n, row)


@compiled
def _ranks(choice: Choice, scratch: Scratch, count: int, row: int) -> I64:
    """Return the rank of every candidate, in any order."""
    facts, found = scratch.facts, scratch.collisions
    ranks, mine = np.empty(count, np.int64), choice.slots[0, row]
    for n in range(count):
        other = found.rows[n]
        its = choice.slots[0, other]
        rank = (_MOST_SHARED - found.shared[n]) * _NOT_SHARED + other
        if facts.exact[its] != facts.exact[mine]:
            rank += _OTHER_TEXT
        if facts.folded[its] != facts.folded[mine]:
            rank += _OTHER_FORM
        ranks[n] = rank
    return ranks


@compiled
def _ranks_of_originals(choice: Choice, ranks: I64) -> I64:
    count = 0
    for rank in ranks:
        if choice.originals[rank & _AGE]:
            ranks[count] = rank
            count += 1
    return ranks[:count]


@compiled
def _first(
    choice: Choice, scratch: Scratch, row: int, ranks: I64, asked: Asked
) -> tuple[int, float]:
    """Return the first row of which this is true, with the Jaccard of the first field."""
    if len(ranks) > choice.cap:
        ranks = np.partition(ranks, choice.cap)[: choice.cap]
    for rank in np.sort(ranks):
        other = rank & _AGE
        jaccard = _proven(choice, scratch, row, other, asked)
        if jaccard == ASK:
            return UNKNOWN, jaccard
        if jaccard != NO:
            return other, jaccard
    return NOBODY, NO


@compiled
def _proven(choice: Choice, scratch: Scratch, row: int, other: int, asked: Asked) -> float:
    """Return the Jaccard of the first field where all of them are twins, NO, or ASK."""
    mine, its = choice.slots[0, row], choice.slots[0, other]
    jaccard = _answered(scratch, mine, its, asked.limits)
    if jaccard < 0 or choice.owners[row] == choice.owners[other]:
        return jaccard
    for field in range(1, asked.fields):
        a, b = choice.slots[field, row], choice.slots[field, other]
        if a != mine or b != its:  # else it is the first field over again
            verdict = _answered(scratch, a, b, asked.limits)
            if verdict < 0:
                return verdict
    if asked.guard >= 0:
        a, b = choice.slots[asked.guard, row], choice.slots[asked.guard, other]
        verdict = _guarded(scratch, a, b)
        if verdict < 0:
            return verdict
    return jaccard


@compiled
def _guarded(scratch: Scratch, a: int, b: int) -> float:
    """Return NO for two twins that fill a template differently, else 1; ASK until that is known."""
    if scratch.facts.folded[a] == scratch.facts.folded[b]:
        return 1.0
    for n in range(scratch.state[0]):
        if scratch.asked[n, 0] == a and scratch.asked[n, 1] == -1 - b:
            answer: float = scratch.answers[n]
            return answer
    scratch.asked[scratch.state[0], 0] = a
    scratch.asked[scratch.state[0], 1] = -1 - b
    return ASK


@compiled
def _answered(scratch: Scratch, a: int, b: int, limits: Limits) -> float:
    """Return the verdict on two texts; where `verify` must say and has not, note the question."""
    asked, any_digits = scratch.asked, limits.any_digits
    for n in range(scratch.state[0]):
        if asked[n, 0] == a and asked[n, 1] == b and asked[n, 2] == any_digits:
            answer: float = scratch.answers[n]
            return answer
    facts = scratch.facts
    verdict = twins(facts, a, b, limits, scratch.mine, scratch.other)
    if (
        verdict == NO
        or (facts.exact[a] == facts.exact[b])
        or not facts.is_code[a] | facts.is_code[b]
    ):
        return verdict
    asked[scratch.state[0], 0] = a
    asked[scratch.state[0], 1] = b
    asked[scratch.state[0], 2] = any_digits
    scratch.answers[scratch.state[0]] = verdict
    return ASK
