"""What happens to each Unicode code point when a text is made comparable, as tables.

Most characters are folded one by one. Those that a neighbour can change (combining marks, the
vowels and finals of Hangul, whatever composes with what stands before it) are marked `ALONE`,
and a text that has one is folded by `unicodedata` as a whole.
"""

import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.similarity.normalise import folded, width_key
from tasks.similarity.shingles import DENSE, U32, code_points

U8 = npt.NDArray[np.uint8]

# What a table says in place of a code point.
MANY = 1 << 31  # the form has several: their number in 7 bits, their place in `many` in 24
ALONE = (1 << 32) - 1  # ask unicodedata about the whole text

BLANK, DIGIT, THICK, SIGN = 1, 2, 4, 8  # bits of `kinds`

_LAST = 0x2FFFF  # nothing above it has another form, is a digit, or combines
_VOWELS_AND_FINALS = (*range(0x1161, 0x1176), *range(0x11A8, 0x11C3))


class Characters(NamedTuple):
    """Tables by code point.

    folded  [0x110000] uint32  its form in `comparable`, a blank for white space; MANY; ALONE
    many    [any] uint32       the forms of several code points, one after another
    usual   [0x110000] uint32  its form in `width_key`, or ALONE
    kinds   [0x110000] uint8   BLANK: `strip` takes it away; DIGIT: `digits` keeps it; THICK: it
                               asks for short shingles; SIGN: it may be one of code
    """

    folded: U32
    many: U32
    usual: U32
    kinds: U8


@cache
def characters() -> Characters:
    """Return the tables of this Python's version of Unicode; making them takes 0.5 s."""
    points = [chr(code) for code in range(1, _LAST + 1) if not 0xD800 <= code < 0xE000]
    interacting = _interacting(points)
    return Characters(*_folded(points, interacting), _usual(points, interacting), _kinds(points))


def _folded(points: list[str], interacting: set[str]) -> tuple[U32, U32]:
    table, many = _identity(), list[int]()
    for char, form in _changed(points, folded):
        codes = code_points(form).tolist()
        table[ord(char)] = codes[0] if len(codes) == 1 else MANY | len(codes) << 24 | len(many)
        many += codes if len(codes) > 1 else []
        if interacting.intersection(form):
            table[ord(char)] = ALONE
    table[[ord(char) for char in points if char.isspace()]] = ord(" ")
    table[[ord(char) for char in interacting]] = ALONE
    return table, np.array(many, np.uint32)


def _usual(points: list[str], interacting: set[str]) -> U32:
    table = _identity()
    for char, form in _changed(points, width_key):
        single = len(form) == 1 and form not in interacting
        table[ord(char)] = ord(form) if single else ALONE
    table[0x3000] = ord(" ")  # `width_key` strips it where it stands at an end
    table[[ord(char) for char in interacting]] = ALONE
    return table


def _changed(points: list[str], form: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    """Yield each character with its form, where that is another; all in one call."""
    forms = form("\0".join(points)).split("\0")
    return ((char, its) for char, its in zip(points, forms, strict=True) if char != its)


def _interacting(points: list[str]) -> set[str]:
    """Return the characters whose form depends on what stands before them."""
    second = {_second(char) for char in points} - {""}
    marks = {char for char in points if unicodedata.combining(char)}
    return second | marks | set(map(chr, _VOWELS_AND_FINALS))


def _second(char: str) -> str:
    """Return the latter half of a canonical composition, empty where there is none."""
    halves = unicodedata.decomposition(char).split()
    return chr(int(halves[1], 16)) if len(halves) == 2 and halves[0][0] != "<" else ""


def _kinds(points: list[str]) -> U8:
    kinds = np.where(DENSE, THICK, 0).astype(np.uint8)
    for char in points:
        if char.isspace():
            kinds[ord(char)] |= BLANK
        if char.isnumeric() and not char.isalpha():
            kinds[ord(char)] |= DIGIT
    for char in "{}=(;<`~\t\n":
        kinds[ord(char)] |= SIGN
    return kinds


def _identity() -> U32:
    return np.arange(sys.maxunicode + 1, dtype=np.uint32)
