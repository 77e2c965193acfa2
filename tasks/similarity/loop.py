"""The inner loop of `rounds`: which kept row each new row repeats or follows; compiled."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.similarity.buckets import Buckets, Collisions, collide, insert
from tasks.similarity.compiled import compiled
from tasks.similarity.facts import Facts
from tasks.similarity.fillings import WordCounts, have_own_words
from tasks.similarity.shingles import I64
from tasks.similarity.twins import ASK, NO, Limits, ShingleSet, twins
from tasks.similarity.words import WordTables

NOBODY, UNKNOWN = -1, -2  # instead of a row
ANY, ORIGINAL = range(2)  # which candidates: an original follows no other
ANSWERED, QUESTIONS, ROW, FOUND = range(4)  # places in the state of the scratch

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

    among   which candidates are asked: ANY, or those that are ORIGINAL
    fields  how many fields must be twins, from the first on
    guards  a bit for each field in which twins may fill a template differently
    limits  what twins are
    """

    among: int
    fields: int
    guards: int
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

    best     [2, cap] int64  the least ranks of the candidates of the current row, in order: of
                             ANY, and of those that are ORIGINAL
    asked    [any, 3] int64  pairs of texts that `verify` was asked about for the current row, and
                             whether with any digits; with -1 - b in the place of b it was `guard`
    answers  [any] float64   what it said; before that, ASK or the Jaccard if the layout agrees
    state    [5] int64       how many QUESTIONS there are, and how many of them are ANSWERED; the
                             ROW that has ranks, and how many were FOUND of ANY, and of ORIGINAL
    """

    facts: Facts
    collisions: Collisions
    of_row: ShingleSet
    tables: WordTables
    words: WordCounts
    best: I64
    asked: I64
    answers: npt.NDArray[np.float64]
    state: I64


@compiled
def choose_rows(choice: Choice, scratch: Scratch, first: int, last: int) -> int:
    """Mark the new rows from `first` on; return the one that waits for an answer, or `last`."""
    for n in range(first, last):
        if not _mark(choice, scratch, n):
            return n
        scratch.state[ANSWERED] = scratch.state[QUESTIONS] = 0
    return last


@compiled
def _mark(choice: Choice, scratch: Scratch, n: int) -> bool:
    """Mark a row; false where a question has to be answered first."""
    row, marks = len(choice.owners) - len(choice.marks.keeper) + n, choice.marks
    template = NOBODY
    if scratch.state[ROW] != n:  # one that waited has its ranks still
        _rank_all(choice, scratch, n, row)
    keeper, jaccard = _first(choice, scratch, row, choice.same)
    if keeper == NOBODY and choice.most:
        template, jaccard = _first(choice, scratch, row, choice.follows)
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
def _rank_all(choice: Choice, scratch: Scratch, n: int, row: int) -> None:
    """Rank every candidate of a row, and note the best of them."""
    found, state = scratch.collisions, scratch.state
    state[ROW], state[FOUND + ANY], state[FOUND + ORIGINAL] = n, 0, 0
    for place in range(collide(choice.buckets, n, found)):
        rank = _rank(choice, scratch, place, choice.slots[0, row])
        state[FOUND + ANY] = _noted(scratch.best[ANY], state[FOUND + ANY], rank)
        if choice.originals[found.rows[place]]:
            state[FOUND + ORIGINAL] = _noted(scratch.best[ORIGINAL], state[FOUND + ORIGINAL], rank)


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
def _noted(best: I64, count: int, rank: int) -> int:
    """Put a rank among the least, which stand in order; return how many there are."""
    if count == len(best):
        if rank > best[count - 1]:
            return count
        count -= 1
    at = count
    while at and best[at - 1] > rank:
        best[at] = best[at - 1]
        at -= 1
    best[at] = rank
    return count + 1


@compiled
def _first(choice: Choice, scratch: Scratch, row: int, asked: Asked) -> tuple[int, float]:
    """Return the first candidate of which this is true, with the Jaccard of the first field.

    One question is asked at first, then as many at once as have been answered and one more: a row
    of a large family has dozens, and each time it waits costs more than a few questions too many.
    """
    for rank in scratch.best[asked.among, : scratch.state[FOUND + asked.among]]:
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
    if jaccard < 0:
        return jaccard
    fields = 1 if choice.owners[row] == choice.owners[other] else asked.fields
    for field in range(1, fields):
        a, b = choice.slots[field, row], choice.slots[field, other]
        if a != mine or b != its:  # else it is the first field over again
            verdict = _answered(scratch, a, b, asked.limits)
            if verdict < 0:
                return verdict
    for field in range(fields):
        if asked.guards >> field & 1:
            a, b = choice.slots[field, row], choice.slots[field, other]
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
    if have_own_words(scratch.facts.prose, a, b, scratch.tables, scratch.words):
        return NO
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
    facts = scratch.facts
    verdict = twins(facts, a, b, limits, scratch.of_row)
    is_code = facts.is_code[a] or facts.is_code[b]
    if verdict == NO or facts.exact[a] == facts.exact[b] or not is_code:
        return verdict
    return _ask(scratch, a, b, any_digits, verdict)
