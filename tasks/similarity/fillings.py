"""The commonest yes of `guard.fill_differently`, compiled: each text has words of its own.

Rows that fill one template ask for it dozens of times each. What this does not say yes to is left
to the guard: denials, and words that changed places.
"""

from typing import NamedTuple

import numpy as np
from numpy import uint32

from tasks.similarity.compiled import compiled
from tasks.similarity.folding import BLANK, Codes
from tasks.similarity.guard import LONG_WORD, LONGEST_WORD, MOST_PAIRS, SHORT_WORD
from tasks.similarity.open_addressing import equal, mask_for
from tasks.similarity.shingles import I64, U32
from tasks.similarity.words import (
    MOST_PARTS,
    NUMERAL,
    WordTables,
    has_content,
    next_word,
    word_length,
)

START, LENGTH, COUNT, USED = range(4)  # rows of `places`
MASK, TAKEN = range(2)  # places in the state of the words
MINE, ITS = range(2)


class WordCounts(NamedTuple):
    """Scratch: the words of two texts, in a table with as many places as a power of two.

    places   [4, S] int64  START of the word among all code points; LENGTH, 0 for a free place;
                           COUNT: how often the first text has it more than the second; USED: the
                           places that are taken, one after another
    content  [2, MOST_PAIRS] int64  the places of the words with content that only one of the
                           texts has, in order
    letters  [2, any] uint32  two words in NFD
    steps    [3, any] int64   rows of the table of their distance
    state    [2] int64        the MASK for the places, and how many of them are TAKEN
    """

    places: I64
    content: I64
    letters: U32
    steps: I64
    state: I64


def word_counts(longest: int) -> WordCounts:
    """Return scratch for texts of this length."""
    size = 1 << (4 * longest + 16).bit_length()
    return WordCounts(
        np.zeros((4, size), np.int64),
        np.zeros((2, MOST_PAIRS), np.int64),
        np.zeros((2, MOST_PARTS * LONGEST_WORD), np.uint32),
        np.zeros((3, LONGEST_WORD + 1), np.int64),
        np.zeros(2, np.int64),
    )


@compiled
def have_own_words(forms: Codes, a: int, b: int, tables: WordTables, words: WordCounts) -> bool:
    """Tell whether two texts have other numbers, or both have words with content of their own.

    Words that the other text has misspelt are not a text's own. `guard.fill_differently` may say
    yes where this says no.

    Args:
        forms: texts in comparable form.
        a: one of them.
        b: another.
        tables: of the characters.
        words: scratch, empty; it is emptied again.
    """
    points, first_a, first_b = forms.points, forms.starts[a], forms.starts[b]
    before, after = _shared_ends(points, first_a, forms.ends[a], first_b, forms.ends[b])
    first_a, last_a = first_a + before, forms.ends[a] - after
    first_b, last_b = first_b + before, forms.ends[b] - after
    words.state[MASK] = mask_for(float(last_a - first_a + last_b - first_b), words.places.shape[1])
    words.state[TAKEN] = 0
    _count(points, range(first_a, last_a), 1, tables, words)
    _count(points, range(first_b, last_b), -1, tables, words)
    own = _say_more(points, tables, words)
    for place in words.places[USED, : words.state[TAKEN]]:
        words.places[LENGTH, place] = words.places[COUNT, place] = 0
    return own


@compiled
def _shared_ends(points: U32, a: int, end_a: int, b: int, end_b: int) -> tuple[int, int]:
    """Return how many characters of whole words two texts share before and after all others."""
    shorter = min(end_a - a, end_b - b)
    shared = before = 0
    while shared < shorter and points[a + shared] == points[b + shared]:
        shared += 1
        if points[a + shared - 1] == BLANK:
            before = shared
    shared = after = 0
    while shared < shorter - before and points[end_a - shared - 1] == points[end_b - shared - 1]:
        shared += 1
        if points[end_a - shared] == BLANK:
            after = shared
    return before, after


@compiled
def _count(points: U32, span: range, by: int, tables: WordTables, words: WordCounts) -> None:
    """Count each word of a text in or out."""
    places, at = words.places, next_word(points, span.start, span.stop, tables.kinds)
    while at < span.stop:
        length = word_length(points, at, span.stop, tables.kinds)
        place = _place(places, points, at, length, words.state[MASK])
        if not places[LENGTH, place]:
            places[START, place], places[LENGTH, place] = at, length
            places[USED, words.state[TAKEN]] = place
            words.state[TAKEN] += 1
        places[COUNT, place] += by
        at = next_word(points, at + length, span.stop, tables.kinds)


@compiled
def _place(places: I64, points: U32, at: int, length: int, mask: int) -> int:
    """Return the place of a word, or the free one where it belongs."""
    words = uint32(length)
    for code in points[at : at + length]:
        words = uint32(uint32(words ^ code) * uint32(0x9E3779B1))
        words = uint32(words ^ (words >> uint32(15)))
    where = int(np.int64(words) & mask)
    while places[LENGTH, where]:
        if places[LENGTH, where] == length and equal(points, places[START, where], at, length):
            break
        where = (where + 1) & mask
    return where


@compiled
def _say_more(points: U32, tables: WordTables, words: WordCounts) -> bool:
    """Tell what `have_own_words` does of counted words."""
    mine = its = 0
    for place in words.places[USED, : words.state[TAKEN]]:
        count, at = words.places[COUNT, place], words.places[START, place]
        if count and tables.kinds[points[at]] & NUMERAL:
            return True
        if count and has_content(points, at, words.places[LENGTH, place], tables):
            mine, its = mine + max(count, 0), its + max(-count, 0)
    if mine * its > MOST_PAIRS:
        return True
    if mine == 0 or its == 0:
        return False
    _list_in_order(points, tables, words, 1, words.content[MINE])
    _list_in_order(points, tables, words, -1, words.content[ITS])
    return _some_are_left(points, tables, words, mine, its)


@compiled
def _list_in_order(
    points: U32, tables: WordTables, words: WordCounts, by: int, listed: I64
) -> None:
    """List the words with content that one text has more of, in the order of their characters."""
    count, places = 0, words.places
    for place in places[USED, : words.state[TAKEN]]:
        more = by * places[COUNT, place]
        if more > 0 and has_content(points, places[START, place], places[LENGTH, place], tables):
            for _ in range(more):
                at = count
                while at and _is_before(points, places, place, listed[at - 1]):
                    listed[at] = listed[at - 1]
                    at -= 1
                listed[at] = place
                count += 1


@compiled
def _is_before(points: U32, places: I64, one: int, other: int) -> bool:
    length, its_length = places[LENGTH, one], places[LENGTH, other]
    for step in range(min(length, its_length)):
        mine, its = points[places[START, one] + step], points[places[START, other] + step]
        if mine != its:
            return bool(mine < its)
    return bool(length < its_length)


@compiled
def _some_are_left(points: U32, tables: WordTables, words: WordCounts, mine: int, its: int) -> bool:
    """Tell whether both keep words when each slip of a word is taken away with it."""
    kept = 0
    for n in range(mine):
        slip = _slip_of(points, tables, words, words.content[MINE, n], its)
        if slip == its:
            kept += 1
        else:
            its -= 1
            for other in range(slip, its):
                words.content[ITS, other] = words.content[ITS, other + 1]
        if kept and its >= mine - n:  # no word takes away more than one
            return True
    return False


@compiled
def _slip_of(points: U32, tables: WordTables, words: WordCounts, place: int, its: int) -> int:
    """Return which of the other text's words is the first that is this one misspelt, or `its`."""
    mine = _letters(points, tables, words, place, MINE)
    for n in range(its):
        if _is_slip(words, mine, _letters(points, tables, words, words.content[ITS, n], ITS)):
            return n
    return its


@compiled
def _letters(points: U32, tables: WordTables, words: WordCounts, place: int, whose: int) -> int:
    """Write a word in NFD; return how many letters it has, 0 for a long word."""
    at, length = words.places[START, place], words.places[LENGTH, place]
    letters, count = words.letters[whose], 0
    if length > LONGEST_WORD:
        return 0
    for code in points[at : at + length]:
        letters[count] = code
        for part in tables.parts[tables.falls[code]]:
            if part == 0:
                break
            letters[count] = part
            count += 1
        count += tables.falls[code] == 0
    return count


@compiled
def _is_slip(words: WordCounts, mine: int, its: int) -> bool:
    """Do as `guard._is_slip` says."""
    shorter, longer = min(mine, its), max(mine, its)
    if shorter < SHORT_WORD or longer > shorter + 1 or longer > LONGEST_WORD:
        return False
    first = words.letters[MINE, 0]
    if first != words.letters[ITS, 0] or (0x1100 <= first <= 0x11FF and shorter < LONG_WORD):
        return False
    return _distance(words.letters[MINE, :mine], words.letters[ITS, :its], words.steps) <= 1


@compiled
def _distance(a: U32, b: U32, steps: I64) -> int:
    """Return the optimal string alignment distance: no letter takes part in two changes."""
    for j in range(len(b) + 1):
        steps[0, j] = j
    for i in range(1, len(a) + 1):
        now, last, before = steps[i % 3], steps[(i - 1) % 3], steps[(i - 2) % 3]
        now[0] = i
        for j in range(1, len(b) + 1):
            change = last[j - 1] + (a[i - 1] != b[j - 1])
            now[j] = min(last[j] + 1, now[j - 1] + 1, change)
            if i > 1 and j > 1 and a[i - 1] == b[j - 2] and a[i - 2] == b[j - 1]:
                now[j] = min(now[j], before[j - 2] + 1)
    distance: int = steps[len(a) % 3, len(b)]
    return distance
