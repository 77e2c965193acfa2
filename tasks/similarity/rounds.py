"""The choice of `greedy`, compiled: the same marks, row by row.

Rows are looked at in rounds, so that the facts of a round fit into little memory. A question
that only `verify` can answer stops the loop, which then begins again at the row that asked.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.settings import DedupeSettings
from tasks.similarity.buckets import Buckets, Collisions, no_collisions, reachable
from tasks.similarity.facts import facts_of
from tasks.similarity.fillings import word_counts
from tasks.similarity.folding import text_of
from tasks.similarity.guard import fill_differently
from tasks.similarity.loop import (
    ANSWERED,
    ANY,
    NOBODY,
    ORIGINAL,
    QUESTIONS,
    Asked,
    Choice,
    Marks,
    Scratch,
    choose_rows,
)
from tasks.similarity.shingles import I64
from tasks.similarity.twins import ASK, NO, Limits, shingle_set
from tasks.similarity.verify import are_twins, same_layout
from tasks.similarity.words import word_tables

# Rows whose facts are held at once, with those of the rows they meet: 200 MB at 350 characters.
# With a quarter of it the members of large families are read four times as often.
ROUND = 32_768


class Known(NamedTuple):
    """All rows by age, those of the history first.

    fields     F lists of texts; the Jaccard of the first is the rows'
    owners     [rows] int64  rows of one owner need to be alike in the first field only
    originals  [rows] bool   kept rows of the history that follow no other
    followers  [rows] int64  how many rows follow each
    """

    fields: Sequence[Sequence[str]]
    owners: I64
    originals: npt.NDArray[np.bool_]
    followers: I64


class Wanted(NamedTuple):
    """What is looked for.

    cap         candidates looked at per row
    most        rows per template; 0: rows follow nobody
    guards      a bit for each field in which twins may fill a template differently
    any_digits  whether rows with other digits may follow one template
    """

    cap: int
    most: int
    guards: int
    any_digits: bool


def choose(known: Known, buckets: Buckets, cfg: DedupeSettings, wanted: Wanted) -> Marks:
    """Mark the new rows, which are those of the buckets.

    Args:
        known: their texts; originals and followers are counted on in place.
        buckets: who may meet whom.
        cfg: what `are_twins` asks for.
        wanted: what is looked for.
    """
    count = len(buckets.groups)
    choice = Choice(
        buckets,
        _nobody(count),
        np.full((len(known.fields), len(known.owners)), -1, np.int64),
        known.owners,
        known.originals,
        known.followers,
        wanted.cap,
        wanted.most,
        Asked(ANY, len(known.fields), wanted.guards, _limits(cfg, any_digits=False)),
        Asked(ORIGINAL, 1, 0, _limits(cfg, any_digits=wanted.any_digits)),
    )
    collisions = no_collisions(len(known.owners))
    for first in range(0, count, ROUND):
        _round(choice, known, cfg, collisions, range(first, min(first + ROUND, count)))
    return choice.marks


def _limits(cfg: DedupeSettings, *, any_digits: bool) -> Limits:
    return Limits(cfg.threshold, cfg.max_length_difference, cfg.min_chars, any_digits)


def _nobody(count: int) -> Marks:
    keeper, template = (np.full(count, NOBODY, np.int64) for _ in range(2))
    return Marks(keeper, template, np.full(count, np.nan), np.zeros(count, np.bool_))


def _round(
    choice: Choice, known: Known, cfg: DedupeSettings, collisions: Collisions, rows: range
) -> None:
    texts = _assign(choice, known, rows)
    scratch = _scratch(texts, collisions, len(known.fields), choice.cap)
    row = rows.start
    while (row := choose_rows(choice, scratch, row, rows.stop)) < rows.stop:
        _answer(scratch, texts, cfg)


def _answer(scratch: Scratch, texts: list[str], cfg: DedupeSettings) -> None:
    """Answer the open questions."""
    for n in range(scratch.state[ANSWERED], scratch.state[QUESTIONS]):
        _answer_one(scratch, texts, cfg, n)
    scratch.state[ANSWERED] = scratch.state[QUESTIONS]


def _answer_one(scratch: Scratch, texts: list[str], cfg: DedupeSettings, n: int) -> None:
    one, other, any_digits = scratch.asked[n].tolist()
    if other < 0:
        a, b = (text_of(scratch.facts.prose, text) for text in (one, -1 - other))
        scratch.answers[n] = NO if fill_differently(a, b) else 1.0
    elif scratch.answers[n] == ASK:
        jaccard = are_twins(texts[one], texts[other], cfg, any_digits=bool(any_digits))
        scratch.answers[n] = NO if jaccard is None else jaccard
    elif not same_layout(texts[one], texts[other]):
        scratch.answers[n] = NO


def _assign(choice: Choice, known: Known, new: range) -> list[str]:
    """Give a slot to each text that the round needs; return them in order."""
    wanted = np.zeros(len(known.owners), np.bool_)
    reachable(choice.buckets, new.start, new.stop, len(wanted) - len(choice.marks.keeper), wanted)
    rows, texts = np.flatnonzero(wanted).tolist(), list[str]()
    for field, (slots, column) in enumerate(zip(choice.slots, known.fields, strict=True)):
        for row in rows:
            if field and column[row] == known.fields[0][row]:
                slots[row] = choice.slots[0, row]
            else:
                slots[row] = len(texts)
                texts.append(column[row])
    return texts


def _scratch(texts: list[str], collisions: Collisions, fields: int, cap: int) -> Scratch:
    facts, questions = facts_of(texts), 2 * cap * (fields + 1)
    lengths = [(codes.ends - codes.starts).max(initial=0) for codes in (facts.prose, facts.code)]
    longest, best = int(max(lengths)), np.empty((2, cap), np.int64)
    asked, answers = np.zeros((questions, 3), np.int64), np.zeros(questions)
    state = np.array([0, 0, NOBODY, 0, 0])
    of_row, of_pair = shingle_set(len(texts), longest), word_counts(longest)
    return Scratch(facts, collisions, of_row, word_tables(), of_pair, best, asked, answers, state)
