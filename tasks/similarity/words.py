"""The words of a text as `guard` cuts it, compiled."""

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numpy import uint32

from tasks.similarity.compiled import compiled
from tasks.similarity.guard import FREQUENT, WITHOUT_CONTENT
from tasks.similarity.shingles import U32, code_points

U8 = npt.NDArray[np.uint8]

LETTER, DECIMAL, NUMERAL, MARK, SAYS_NOTHING = 1, 2, 4, 8, 16  # bits of `kinds`
MOST_PARTS = 4  # that a letter falls into
_LAST = 0x3FFFF  # above it nothing is a letter, a blank, punctuation or a symbol, or falls apart


class WordTables(NamedTuple):
    """What words are made of.

    kinds     [0x110000] uint8    LETTER of a word, in any alphabet; DECIMAL digit; NUMERAL, as
                                  `isdigit` says; MARK: a word by itself; SAYS_NOTHING: one without
                                  content
    falls     [0x110000] uint16   which of `parts` it falls into in NFD; 0: into none
    parts     [P, any] uint32     at most MOST_PARTS; 0 after their end
    frequent  [F, any] uint32     words that stand in any text; 0 after their end
    """

    kinds: U8
    falls: npt.NDArray[np.uint16]
    parts: U32
    frequent: U32


@cache
def word_tables() -> WordTables:
    """Return the tables of this Python's version of Unicode."""
    kinds = np.full(0x110000, MARK, np.uint8)
    kinds[: _LAST + 1] = [_kind(chr(code)) for code in range(_LAST + 1)]
    chars = [chr(code) for code in range(1, _LAST + 1) if not 0xD800 <= code < 0xE000]
    forms = unicodedata.normalize("NFD", "\0".join(chars)).split("\0")
    fallen = [(char, form) for char, form in zip(chars, forms, strict=True) if char != form]
    falls = np.zeros(0x110000, np.uint16)
    falls[[ord(char) for char, _ in fallen]] = range(1, len(fallen) + 1)
    return WordTables(
        kinds, falls, _rows(["", *(form for _, form in fallen)]), _rows(sorted(FREQUENT))
    )


def _rows(texts: Sequence[str]) -> U32:
    """Return the code points of a text per row, with a 0 at least after each end."""
    rows = np.zeros((len(texts), max(map(len, texts)) + 1), np.uint32)
    for row, text in zip(rows, texts, strict=True):
        row[: len(text)] = code_points(text)
    return rows


def _kind(char: str) -> int:
    if char.isspace() or char == "_":
        return 0
    if not char.isalnum():
        return MARK | (SAYS_NOTHING if unicodedata.category(char) in WITHOUT_CONTENT else 0)
    return (DECIMAL if char.isdecimal() else LETTER) | (NUMERAL if char.isdigit() else 0)


@compiled
def next_word(points: U32, at: int, end: int, kinds: U8) -> int:
    """Return where the next word begins, `end` where there is none."""
    while at < end and not kinds[points[at]]:
        at += 1
    return at


@compiled
def word_length(points: U32, at: int, end: int, kinds: U8) -> int:
    """Return the length of the word that begins here, as `guard` cuts it."""
    first, past = kinds[points[at]], at + 1
    if first & MARK or _is_single(points[at]):
        return 1
    if first & DECIMAL:
        past = _past(points, past, end, kinds, DECIMAL)
        while past + 1 < end and _joins_digits(points[past]) and kinds[points[past + 1]] & DECIMAL:
            past = _past(points, past + 1, end, kinds, DECIMAL)
    elif _is_hangul(points[at]):
        while past < end and _is_hangul(points[past]):
            past += 1
    else:
        past = _past(points, past, end, kinds, LETTER)
        if past + 1 < end and points[past] in (0x27, 0x2019) and kinds[points[past + 1]] & LETTER:
            past = _past(points, past + 1, end, kinds, LETTER)
    return past - at


@compiled
def _past(points: U32, at: int, end: int, kinds: U8, kind: int) -> int:
    while at < end and kinds[points[at]] & kind:
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
def _is_hangul(code: uint32) -> bool:
    """Tell whether a character is a syllable of Hangul."""
    return bool(0xAC00 <= code <= 0xD7A3)


@compiled
def has_content(points: U32, at: int, length: int, tables: WordTables) -> bool:
    """Tell whether a word is neither punctuation nor one that stands in any text."""
    if tables.kinds[points[at]] & SAYS_NOTHING:
        return False
    for word in tables.frequent:
        if length < len(word) and word[length] == 0:
            step = 0
            while step < length and word[step] == points[at + step]:
                step += 1
            if step == length:
                return False
    return True
