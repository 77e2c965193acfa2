"""What the proof asks of many texts at once, as arrays; needs the [fast] extra."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy import uint64

from tasks.similarity.characters import ALONE, BLANK, DIGIT, SIGN, THICK, U8, Characters, characters
from tasks.similarity.compiled import compiled
from tasks.similarity.folding import Codes, alone, comparable_codes, packed, with_others
from tasks.similarity.normalise import comparable_code, width_key
from tasks.similarity.shingles import I64, LONG, SHORT, SHORT_ABOVE_PERCENT
from tasks.similarity.verify import looks_like_code

U64 = npt.NDArray[np.uint64]

PROSE, CODE = 0, 1  # which form of a text is compared
SPACE, LINE = ord(" "), ord("\n")


class Facts(NamedTuple):
    """What is known of M texts.

    raw       the texts as they stand
    usual     the part of each that `strip` leaves; for a text whose marks interact, its width key
    prose     comparable forms
    code      forms that keep the layout, of texts that look like code; empty for the others
    exact     [M] int64     equal for texts that are equal but for outer white space
    folded    [M] uint64    hash of the comparable form
    digits    [M] uint64    hash of the digits
    is_code   [M] bool
    sizes     [2, M] int64  characters per shingle, PROSE and CODE
    kinds     of `Characters`
    width     `usual` of `Characters`
    """

    raw: Codes
    usual: Codes
    prose: Codes
    code: Codes
    exact: I64
    folded: U64
    digits: U64
    is_code: npt.NDArray[np.bool_]
    sizes: I64
    kinds: U8
    width: npt.NDArray[np.uint32]


def facts_of(texts: Sequence[str]) -> Facts:
    """Return the facts of these texts, at about 10 bytes a character."""
    tables = characters()
    raw = packed(texts)
    prose = comparable_codes(raw, texts)
    usual = _usual(raw, texts, tables)
    is_code = _code_flags(raw, texts, tables)
    code = _code_forms(texts, is_code)
    folded, digits = np.empty((2, len(texts)), np.uint64)
    _hashes(prose, np.ones_like(tables.kinds), 1, folded)
    _hashes(raw, tables.kinds, DIGIT, digits)
    sizes = np.empty((2, len(texts)), np.int64)
    for form, sizes_of_it in zip((prose, code), sizes, strict=True):
        _sizes(form, tables.kinds, sizes_of_it)
    return Facts(
        raw,
        usual,
        prose,
        code,
        _exact(texts),
        folded,
        digits,
        is_code,
        sizes,
        tables.kinds,
        tables.usual,
    )


def _exact(texts: Sequence[str]) -> I64:
    seen: dict[str, int] = {}
    numbers = (seen.setdefault(text.strip(), len(seen)) for text in texts)
    return np.fromiter(numbers, np.int64, len(texts))


def _usual(raw: Codes, texts: Sequence[str], tables: Characters) -> Codes:
    starts, ends = raw.starts.copy(), raw.ends.copy()
    _trim(raw.points, starts, ends, tables)
    keys = {n: width_key(texts[n]) for n in alone(ends)}
    return with_others(Codes(raw.points, starts, ends), keys)


def _code_flags(raw: Codes, texts: Sequence[str], tables: Characters) -> npt.NDArray[np.bool_]:
    flags = np.zeros(len(texts), np.bool_)
    _may_be_code(raw, tables.kinds, flags)
    for n in np.flatnonzero(flags).tolist():
        flags[n] = looks_like_code(texts[n])
    return flags


def _code_forms(texts: Sequence[str], is_code: npt.NDArray[np.bool_]) -> Codes:
    nothing = np.zeros(len(texts), np.int64)
    forms = {n: comparable_code(texts[n]) for n in np.flatnonzero(is_code).tolist()}
    return with_others(Codes(np.empty(0, np.uint32), nothing, nothing), forms)


@compiled
def _trim(points: npt.NDArray[np.uint32], starts: I64, ends: I64, tables: Characters) -> None:
    """Strip white space in place; the end is -1 where a width key cannot be read off a table."""
    for n in range(len(starts)):
        first, last = starts[n], ends[n]
        while first < last and tables.kinds[points[first]] & BLANK:
            first += 1
        while first < last and tables.kinds[points[last - 1]] & BLANK:
            last -= 1
        starts[n], ends[n] = first, last
        for code in points[first:last]:
            if tables.usual[code] == ALONE:
                ends[n] = -1
                break


@compiled
def _hashes(codes: Codes, kinds: U8, kind: int, found: U64) -> None:
    """Hash those characters of each text that are of a kind."""
    for n in range(len(found)):
        words = uint64(0x9E3779B97F4A7C15)
        for code in codes.points[codes.starts[n] : codes.ends[n]]:
            if kinds[code] & kind:
                words = (words ^ uint64(code)) * uint64(0x9FB21C651E98DF25)
                words ^= words >> uint64(32)
        found[n] = words


@compiled
def _sizes(forms: Codes, kinds: U8, sizes: I64) -> None:
    """Tell how many characters the shingles of each text have, at most as many as itself."""
    for n in range(len(sizes)):
        solid = thick = 0
        for code in forms.points[forms.starts[n] : forms.ends[n]]:
            solid += code != SPACE
            thick += (kinds[code] & THICK) != 0
        size = SHORT if 100 * thick > SHORT_ABOVE_PERCENT * solid else LONG
        sizes[n] = min(size, forms.ends[n] - forms.starts[n])


@compiled
def _may_be_code(raw: Codes, kinds: U8, flags: npt.NDArray[np.bool_]) -> None:
    """Tell which texts may look like code: two characters that a sign of code has, or a fence.

    Nine texts of ten are spared the regular expression so; none that it would find is missed.
    """
    for n in range(len(flags)):
        text = raw.points[raw.starts[n] : raw.ends[n]]
        signs = int(len(text) > 0 and text[0] in (9, SPACE))
        for at in range(len(text)):
            if kinds[text[at]] & SIGN:
                signs += _signs(text, at)
                if signs > 1:
                    flags[n] = True
                    break


@compiled
def _signs(text: npt.NDArray[np.uint32], at: int) -> int:
    """Return how many signs of code this character can belong to; a fence counts as two."""
    code, signs = text[at], 0
    before = text[at - 1] if at else np.uint32(LINE)
    after = text[at + 1] if at + 1 < len(text) else np.uint32(LINE)
    if code == LINE:  # before indentation
        signs += after in (9, SPACE)
    elif code == 40:  # ( after a letter
        signs += before not in (LINE, SPACE, 40)
    elif code == 59:  # ; at the end of a line
        signs += after in (9, LINE, SPACE)
    elif code == 60:  # < at the start of a line
        signs += before in (9, LINE, SPACE)
    elif code in (96, 126):  # the third ` or ~
        signs += 2 * (at > 1 and before == code == text[at - 2])
    else:  # { } =
        signs += code != 9
    return signs
