"""The compiled part of the guard against the guard."""

import random
import re
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasks.similarity import guard
from tasks.similarity.guard import is_template
from tasks.similarity.normalise import comparable
from tests.tasks.similarity.test_guard import EN, KO, LONG, ZH

pytestmark = pytest.mark.usefixtures("compiled_only")

SOME = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def found(pairs):
    """Return for each pair of texts what compiled code says."""
    from tasks.similarity.fillings import have_own_words, word_counts
    from tasks.similarity.folding import packed
    from tasks.similarity.words import word_tables

    texts = [comparable(text) for pair in pairs for text in pair]
    codes, scratch = packed(texts), word_counts(max(map(len, texts), default=0))
    codes.points.flags.writeable = False
    return [
        have_own_words(codes, 2 * n, 2 * n + 1, word_tables(), scratch)
        for n in range(len(texts) // 2)
    ]


def expected(a, b):
    """Return what the guard says of numbers and of words with content."""
    gone, come = guard._of_one_only(*guard._words_that_differ(comparable(a), comparable(b)))
    numbers = guard._have_numbers(gone) or guard._have_numbers(come)
    return numbers or all(guard._own_words(gone, come))


def changed(rng, text):
    """Change some words of a text: slips, other words, words added and left out."""
    words = text.split(" ")
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(words))
        word = words[at]
        cut = rng.randrange(len(word) + 1)
        words[at] = rng.choice(
            [
                word[:cut] + rng.choice("aeiou가라天1-'") + word[cut:],
                word[:cut] + word[cut + 1 :],
                word[:cut] + word[cut : cut + 2][::-1] + word[cut + 2 :],
                rng.choice(
                    ["heating", "the", "of", "please", "garage", "12", "3.5", "요청", "수리"]
                ),
                f"{word} {word[::-1]}",
            ]
        )
    return " ".join(words)


def test_edited_requests_are_told_as_the_guard_tells_them(planted):
    rng = random.Random(4)
    texts = [*planted["text"].head(60), EN, ZH, KO]
    pairs = [(text, changed(rng, text)) for text in texts for _ in range(20)]
    pairs += list(pairwise(texts)) + [(b, a) for a, b in pairs[:200]]
    told = [bool(expected(a, b)) for a, b in pairs]
    assert found(pairs) == told
    assert 0.2 < sum(told) / len(told) < 0.9


PIECES = """
a b ab Abba letter lettre leter ltter reservation resrevation reservatoin the of 1 1.5 1,5: 2 ² ① 
３ _ - ' ’ don't o’er é e\u0301 ß ﬁ 가 각 나라 관리사무소 관리사무서 不 天空 の ・ カ ｶ
α λόγος ж \u0301 😀 , 。
"""
TEXTS = st.lists(
    st.tuples(st.sampled_from(PIECES.split()), st.sampled_from(["", " "])).map("".join), max_size=12
)


@given(TEXTS.map("".join), TEXTS.map("".join))
@SOME
def test_any_two_texts_are_told_as_the_guard_tells_them(a, b):
    assert found([(a, b)]) == [expected(a, b)]
    assert not expected(a, b) or is_template(a, b)


@pytest.mark.parametrize("n", range(len(LONG)))
def test_long_texts_are_told_as_the_guard_tells_them(n):
    assert found([LONG[n]]) == [expected(*LONG[n])]


def test_what_words_are_made_of_is_what_the_guard_says():
    from tasks.similarity import words

    for code in range(words._LAST + 1, 0x110000, 97):
        char = chr(code)
        assert not char.isalnum()
        assert not char.isspace()
        assert unicodedata.category(char)[0] not in "PS"
        assert unicodedata.normalize("NFD", char) == char
    tables = words.word_tables()
    assert tables.parts.shape[1] <= words.MOST_PARTS + 1
    for code in range(0, words._LAST, 7):
        char, sign = chr(code), tables.kinds[code]
        parts = "".join(map(chr, tables.parts[tables.falls[code]])).rstrip("\0")
        assert (parts or char) == unicodedata.normalize("NFD", char)
        assert bool(sign & words.DECIMAL) == bool(re.fullmatch(r"\d", char))
        assert bool(sign & words.LETTER) == bool(re.fullmatch(r"[^\W\d_]", char))
        assert bool(sign & words.MARK) == bool(re.fullmatch(r"[^\w\s]", char))
        assert bool(sign & words.NUMERAL) == char.isdigit()
