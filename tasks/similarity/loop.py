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
ANSWERED, QUESTIONS, ROW, COUNT = range(4)  # places in the state of the scratch

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

    ranks    [rows] int64    of the candidates of the current row
    pair     [2, M] int64    by text, with which other it was compared last; the second time with
                             any digits
    verdict  [2, M] float64  what came of it: a row that waits for an answer comes again
    asked    [any, 3] int64  pairs of texts that `verify` was asked about for the current row, and
                             whether with any digits; with -1 - b in the place of b it was `guard`
    answers  [any] float64   what it said; before that, ASK or the Jaccard if the layout agrees
    state    [4] int64       how many QUESTIONS there are, and how many of them are ANSWERED; the
                             ROW that has ranks, and the COUNT of those
    """

    facts: Facts
    collisions: Collisions
    mine: Table
    other: Table
    ranks: I64
    pair: I64
    verdict: npt.NDArray[np.float64]
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
        scratch.state[ANSWERED] = scratch.state[QUESTIONS] = 0
    return last


@compiled
def _mark(choice: Choice, scratch: Scratch, n: int) -> bool:
    """Mark a row; false where a question has to be answered first."""
    row, marks = len(choice.owners) - len(choice.marks.keeper) + n, choice.marks
    keeper, template, jaccard = NOBODY, NOBODY, NO
    ranks = _ranks(choice, scratch, n, row)
    if len(ranks):
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
def _ranks(choice: Choice, scratch: Scratch, n: int, row: int) -> I64:
    """Return the rank of every candidate, the best in order; a row that waited has them still."""
    if scratch.state[ROW] != n:
        count = collide(choice.buckets, n, scratch.collisions)
        for place in range(count):
            scratch.ranks[place] = _rank(choice, scratch, place, choice.slots[0, row])
        scratch.ranks[:count] = _best_first(scratch.ranks[:count], choice.cap)
        scratch.state[ROW], scratch.state[COUNT] = n, count
    return scratch.ranks[: scratch.state[COUNT]]


@compiled
def _rank(choice: Choice, scratch: Scratch, place: int, mine: int) -> int:
    facts, found = scratch.facts, scratch.collisions
    other = found.rows[place]
    its = choice.slots[0, other]
    rank: int = (_MOST_SHARED - found.shared[place]) * _NOT_SHARED + other
    if facts.exact[its] != facts.exact[mine]:
        rank += _OTHER_TEXT
    if facts.folded[its] != facts.folded[mine]:
        rank += _OTHER_FORM
    return rank


@compiled
def _ranks_of_originals(choice: Choice, ranks: I64) -> I64:
    count, found = 0, np.empty_like(ranks)
    for rank in ranks:
        if choice.originals[rank & _AGE]:
            found[count] = rank
            count += 1
    return _best_first(found[:count], choice.cap)


@compiled
def _best_first(ranks: I64, cap: int) -> I64:
    """Return the ranks with the `cap` least at the front, in order."""
    ordered = np.partition(ranks, cap) if len(ranks) > cap else ranks.copy()
    ordered[:cap].sort()
    return ordered


@compiled
def _first(
    choice: Choice, scratch: Scratch, row: int, ranks: I64, asked: Asked
) -> tuple[int, float]:
    """Return the first row of which this is true, with the Jaccard of the first field.

    One question is asked at first, then as many at once as have been answered and one more: a row
    of a large family has dozens, and each time it waits costs more than a few questions too many.
    """
    for rank in ranks[: choice.cap]:
        other = rank & _AGE
        jaccard = _proven(choice, scratch, row, other, asked)
        waiting = scratch.state[QUESTIONS] - scratch.state[ANSWERED]
        if jaccard >= 0 and not waiting:
            return other, jaccard
        if jaccard >= 0 or waiting > scratch.state[ANSWERED]:
            break
    if scratch.state[QUESTIONS] > scratch.state[ANSWERED]:
        return UNKNOWN, ASK
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
    for n in range(scratch.state[ANSWERED]):
        if scratch.asked[n, 0] == a and scratch.asked[n, 1] == -1 - b:
            answer: float = scratch.answers[n]
            return answer
    return _ask(scratch, a, -1 - b, False, ASK)


@compiled
def _ask(scratch: Scratch, a: int, b: int, any_digits: bool, known: float) -> float:
    """Note a question about two texts, and what is known of its answer."""
    n = scratch.state[QUESTIONS]
    scratch.asked[n, 0], scratch.asked[n, 1], scratch.asked[n, 2] = a, b, any_digits
    scratch.answers[n] = known
    scratch.state[QUESTIONS] = n + 1
    return ASK


@compiled
def _answered(scratch: Scratch, a: int, b: int, limits: Limits) -> float:
    """Return the verdict on two texts; where `verify` must say and has not, note the question."""
    asked, any_digits = scratch.asked, limits.any_digits
    for n in range(scratch.state[ANSWERED]):
        if asked[n, 0] == a and asked[n, 1] == b and asked[n, 2] == any_digits:
            answer: float = scratch.answers[n]
            return answer
    facts, kind = scratch.facts, int(any_digits)
    if scratch.pair[kind, b] != a:
        scratch.pair[kind, b] = a
        scratch.verdict[kind, b] = twins(facts, a, b, limits, scratch.mine, scratch.other)
    verdict: float = scratch.verdict[kind, b]
    if (
        verdict == NO
        or (facts.exact[a] == facts.exact[b])
        or not facts.is_code[a] | facts.is_code[b]
    ):
        return verdict
    return _ask(scratch, a, b, any_digits, verdict)
