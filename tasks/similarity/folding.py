"""The comparable form of many texts at once, as code points; needs the [fast] extra."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tasks.similarity.characters import ALONE, MANY, Characters, characters
from tasks.similarity.compiled import compiled
from tasks.similarity.normalise import comparable
from tasks.similarity.shingles import I64, U32, code_points

BLANK = ord(" ")


class Codes(NamedTuple):
    """Texts as code points; text i is `points[starts[i]:ends[i]]`."""

    points: U32
    starts: I64
    ends: I64


def packed(texts: Sequence[str]) -> Codes:
    """Return texts as they stand."""
    ends = np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)))
    starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]])[: len(ends)]
    return Codes(code_points("".join(texts)), starts, ends)


def text_of(codes: Codes, n: int) -> str:
    """Return one of the texts as a string."""
    points = codes.points[codes.starts[n] : codes.ends[n]]
    return points.tobytes().decode("utf-32-le")


def comparable_codes(raw: Codes, texts: Sequence[str]) -> Codes:
    """Return the comparable form of each text; those that `_fold` cannot do take another way."""
    tables = characters()
    room = _room(raw)
    starts = np.cumsum(room) - room
    points = np.empty(int(room.sum()), np.uint32)
    ends = np.empty_like(starts)
    _fold_all(raw, Codes(points, starts, ends), tables)
    return with_others(Codes(points, starts, ends), {n: comparable(texts[n]) for n in alone(ends)})


def alone(ends: I64) -> list[int]:
    """Return the texts that were left to unicodedata."""
    found: list[int] = np.flatnonzero(ends < 0).tolist()
    return found


def with_others(codes: Codes, forms: dict[int, str]) -> Codes:
    """Give some texts another form; the points are read-only from then on.

    To numba an array that can be written is another type, and all that reads it is compiled anew.
    """
    codes.points.flags.writeable = False
    if not forms:
        return codes
    others = packed(list(forms.values()))
    which, first = np.fromiter(forms, np.int64), len(codes.points)
    starts, ends = codes.starts.copy(), codes.ends.copy()
    starts[which], ends[which] = others.starts + first, others.ends + first
    points = np.concatenate([codes.points, others.points])
    points.flags.writeable = False
    return Codes(points, starts, ends)


def _room(raw: Codes) -> I64:
    """Return how long a form may be: a text that grows by more is left to unicodedata."""
    lengths = raw.ends - raw.starts
    room: I64 = lengths + lengths // 4 + 20
    return room


@compiled
def _fold_all(raw: Codes, forms: Codes, tables: Characters) -> None:
    """Write the form of each text at its start, and where it ends: -1 for texts left alone."""
    for n in range(len(forms.starts)):
        first = forms.starts[n]
        limit = forms.starts[n + 1] if n + 1 < len(forms.starts) else len(forms.points)
        text = raw.points[raw.starts[n] : raw.ends[n]]
        length = _fold(text, forms.points[first:limit], tables)
        forms.ends[n] = first + length if length >= 0 else -1


@compiled
def _fold(text: U32, form: U32, tables: Characters) -> int:
    """Write the comparable form of a text; return its length, or -1 where it cannot be told."""
    length, pending = 0, False
    for code in text:
        its = tables.folded[code]
        if its == BLANK:
            pending = length > 0
        elif its == ALONE or length + 20 > len(form):
            return -1
        else:
            if pending:
                form[length] = BLANK
                length += 1
            pending = False
            if its < MANY:
                form[length] = its
                length += 1
            else:
                length, pending = _spread(its, form, length, tables.many)
    return length


@compiled
def _spread(its: int, form: U32, length: int, many: U32) -> tuple[int, bool]:
    """Write a form of several code points, with single blanks between its words."""
    first, pending = its & 0xFFFFFF, False
    for at in range(first, first + ((its >> 24) & 0x7F)):
        if many[at] == BLANK:
            pending = length > 0
        else:
            if pending:
                form[length] = BLANK
                length += 1
            form[length] = many[at]
            length += 1
            pending = False
    return length, pending
