"""The words of a text as `guard` cuts it, compiled."""

import unicodedata
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy import uint32

from tasks.similarity.compiled import compiled
from tasks.similarity.guard import FREQUENT
from tasks.similarity.shingles import U32, code_points

U8 = npt.NDArray[np.uint8]

LETTER, DECIMAL, NUMERAL, MARK, SAYS_NOTHING, FALLS_APART = 1, 2, 4, 8, 16, 32  # of `signs`
_LAST = 0x3FFFF  # above it nothing is a letter, a blank, punctuation or a symbol


class Signs(NamedTuple):
    """What words are made of.

    signs     [0x110000] uint8  LETTER of a word, in any alphabet; DECIMAL digit; NUMERAL, as
                                `isdigit` says; MARK: a word by itself; SAYS_NOTHING: one without
                                content; FALLS_APART into several in NFD, Hangul left out
    frequent  [F, any] uint32   words that stand in any text; 0 after their end
    """

    signs: U8
    frequent: U32


@cache
def signs() -> Signs:
    """Return the tables of this Python's version of Unicode."""
    table = np.full(0x110000, MARK, np.uint8)
    table[: _LAST + 1] = [_sign(chr(code)) for code in range(_LAST + 1)]
    frequent = np.zeros((len(FREQUENT), max(map(len, FREQUENT)) + 1), np.uint32)
    for row, word in zip(frequent, sorted(FREQUENT), strict=True):
        row[: len(word)] = code_points(word)
    return Signs(table, frequent)


def _sign(char: str) -> int:
    if char.isspace() or char == "_":
        return 0
    sign = NUMERAL if char.isdigit() else 0
    if char.isdecimal():
        return sign | DECIMAL
    if not char.isalnum():
        return MARK | (SAYS_NOTHING if unicodedata.category(char)[0] in "PS" else 0)
    falls_apart = unicodedata.decomposition(char)[:1] not in {"", "<"}
    return sign | LETTER | (FALLS_APART if falls_apart else 0)


@compiled
def next_word(points: U32, at: int, end: int, signs: U8) -> int:
    """Return where the next word begins, `end` where there is none."""
    while at < end and not signs[points[at]]:
        at += 1
    return at


@compiled
def word_length(points: U32, at: int, end: int, signs: U8) -> int:
    """Return the length of the word that begins here, as `guard` cuts it."""
    first, past = signs[points[at]], at + 1
    if first & MARK or _is_single(points[at]):
        return 1
    if first & DECIMAL:
        past = _past(points, past, end, signs, DECIMAL)
        while past + 1 < end and _joins_digits(points[past]) and signs[points[past + 1]] & DECIMAL:
            past = _past(points, past + 1, end, signs, DECIMAL)
    elif is_hangul(points[at]):
        while past < end and is_hangul(points[past]):
            past += 1
    else:
        past = _past(points, past, end, signs, LETTER)
        if past + 1 < end and points[past] in (0x27, 0x2019) and signs[points[past + 1]] & LETTER:
            past = _past(points, past + 1, end, signs, LETTER)
    return past - at


@compiled
def _past(points: U32, at: int, end: int, signs: U8, kind: int) -> int:
    while at < end and signs[points[at]] & kind:
        at += 1
    return at


@compiled
def _joins_digits(code: uint32) -> bool:
    return code in (0x2C, 0x2E, 0x2F, 0x3A)  # , . / :


@compiled
def _is_single(code: uint32) -> bool:
    """Tell whether a character of Han or Kana is a word by itself."""
    return bool(0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x3040 <= code <= 0x30FF)


@compiled
def is_hangul(code: uint32) -> bool:
    """Tell whether a character is a syllable of Hangul."""
    return bool(0xAC00 <= code <= 0xD7A3)


@compiled
def has_content(points: U32, at: int, length: int, signs: Signs) -> bool:
    """Tell whether a word is neither punctuation nor one that stands in any text."""
    if signs.signs[points[at]] & SAYS_NOTHING:
        return False
    for word in signs.frequent:
        if length < len(word) and word[length] == 0:
            step = 0
            while step < length and word[step] == points[at + step]:
                step += 1
            if step == length:
                return False
    return True


@compiled
def falls_apart(points: U32, at: int, length: int, signs: U8) -> bool:
    """Tell whether a word has other letters in NFD, Hangul left out."""
    falls = 0
    for code in points[at : at + length]:
        falls |= signs[code] & FALLS_APART
    return falls > 0
