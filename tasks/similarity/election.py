"""The greedy choice of `greedy` and `templates`, compiled: the same marks, row by row.

Rows are looked at in rounds, so that the facts of a round fit into little memory. A question
that only `verify` can answer stops the loop, which then begins again at the row that asked.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from schemas.settings import DedupeSettings
from tasks.similarity.ballot import NOBODY, Ballot, Marks, Scratch, elect
from tasks.similarity.facts import facts_of
from tasks.similarity.hall import Hall, Met, guests, met
from tasks.similarity.shingles import I64
from tasks.similarity.twins import ASK, NO, Limits, table
from tasks.similarity.verify import are_twins, same_layout

# Rows whose facts are held at once, with those of the rows they meet: 200 MB at 350 characters.
# With a quarter of it the members of large families are read four times as often.
ROUND = 32_768


class Roll(NamedTuple):
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


def choose(roll: Roll, hall: Hall, cfg: DedupeSettings, *, cap: int, most: int = 0) -> Marks:
    """Mark the new rows, which are those of the hall.

    Args:
        roll: their texts; originals and followers are counted on in place.
        hall: who may meet whom.
        cfg: what `are_twins` asks for.
        cap: candidates looked at per row.
        most: rows per template; 0: rows follow nobody.
    """
    count = len(hall.groups)
    ballot = Ballot(
        hall,
        _nobody(count),
        np.full((len(roll.fields), len(roll.owners)), -1, np.int64),
        roll.owners,
        roll.originals,
        roll.followers,
        cap,
        most,
    )
    crowd = met(len(roll.owners))
    for first in range(0, count, ROUND):
        _round(ballot, roll, cfg, crowd, range(first, min(first + ROUND, count)))
    return ballot.marks


def _nobody(count: int) -> Marks:
    keeper, template = (np.full(count, NOBODY, np.int64) for _ in range(2))
    return Marks(keeper, template, np.full(count, np.nan), np.zeros(count, np.bool_))


def _round(ballot: Ballot, roll: Roll, cfg: DedupeSettings, crowd: Met, rows: range) -> None:
    texts = _assign(ballot, roll, rows)
    scratch = _scratch(texts, cfg, crowd, questions=2 * ballot.cap * (len(roll.fields) + 1))
    row = rows.start
    while (row := elect(ballot, scratch, row, rows.stop)) < rows.stop:
        _answer(scratch, texts, cfg)


def _answer(scratch: Scratch, texts: list[str], cfg: DedupeSettings) -> None:
    """Answer the open question."""
    n = scratch.state[0]
    a, b = (texts[slot] for slot in scratch.asked[n].tolist())
    if scratch.answers[n] == ASK:
        jaccard = are_twins(a, b, cfg)
        scratch.answers[n] = NO if jaccard is None else jaccard
    elif not same_layout(a, b):
        scratch.answers[n] = NO
    scratch.state[0] += 1


def _assign(ballot: Ballot, roll: Roll, new: range) -> list[str]:
    """Give a slot to each text that the round needs; return them in order."""
    wanted = np.zeros(len(roll.owners), np.bool_)
    guests(ballot.hall, new.start, new.stop, len(wanted) - len(ballot.marks.keeper), wanted)
    rows, texts = np.flatnonzero(wanted).tolist(), list[str]()
    for field, (slots, column) in enumerate(zip(ballot.slots, roll.fields, strict=True)):
        for row in rows:
            if field and column[row] == roll.fields[0][row]:
                slots[row] = ballot.slots[0, row]
            else:
                slots[row] = len(texts)
                texts.append(column[row])
    return texts


def _scratch(texts: list[str], cfg: DedupeSettings, crowd: Met, questions: int) -> Scratch:
    facts = facts_of(texts)
    lengths = [(codes.ends - codes.starts).max(initial=0) for codes in (facts.prose, facts.code)]
    mine, other = (table(int(max(lengths))) for _ in range(2))
    limits = Limits(cfg.threshold, cfg.max_length_difference, cfg.min_chars)
    asked, answers = np.zeros((questions, 2), np.int64), np.zeros(questions)
    return Scratch(facts, limits, crowd, mine, other, asked, answers, np.zeros(1, np.int64))
