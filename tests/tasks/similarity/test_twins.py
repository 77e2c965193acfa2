"""The compiled proof against `are_twins`, pair by pair."""

import random
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.settings import DedupeSettings
from tasks.similarity.shingles import code_points
from tasks.similarity.verify import are_twins, same_layout

pytestmark = pytest.mark.usefixtures("compiled_only")

CFG = DedupeSettings(min_chars=6, threshold=0.5)
ODD = [
    "",
    " ",
    "3²",
    "32",
    "３２",
    "ｶﾞ",
    "ガ",
    "cafe\u0301 au lait",
    "café au lait",
    "哈" * 40,
    "哈" * 50,
]


SYLLABLES = [chr(code) for code in range(0x1401, 0x1601)]  # Cree's: many letters, no Han


def verdicts(texts, cfg, *, any_digits=False):
    """Yield each pair with the verdicts of both; where the compiled one asks, it is left out."""
    from tasks.similarity.facts import facts_of
    from tasks.similarity.twins import ASK, NO, Limits, shingle_set, twins

    facts, longest = facts_of(texts), 2 * max(map(len, texts), default=0) + 50
    of_a = shingle_set(len(texts), longest)
    limits = Limits(cfg.threshold, cfg.max_length_difference, cfg.min_chars, any_digits)
    for a, b in product(range(len(texts)), repeat=2):
        found = twins(facts, a, b, limits, of_a)
        layout = not (facts.is_code[a] or facts.is_code[b]) or same_layout(texts[a], texts[b])
        if found != ASK and layout:
            expected = are_twins(texts[a], texts[b], cfg, any_digits=any_digits)
            yield (texts[a], texts[b], found), NO if expected is None else expected


@pytest.mark.parametrize("any_digits", [False, True])
def test_every_pair_of_requests_has_the_verdict_and_jaccard_of_python(planted, any_digits):
    rng, cfg = random.Random(5), DedupeSettings()
    texts = [*ODD, *planted["text"].head(30)]
    texts += [f"{text[:9]} {rng.randint(1, 3)}{text[9:]}".upper() for text in texts[-15:]]
    pairs = list(verdicts(texts, cfg, any_digits=any_digits))
    assert [found for (_, _, found), _ in pairs] == [expected for _, expected in pairs]
    assert len(pairs) > 0.9 * len(texts) ** 2


@pytest.mark.parametrize("threshold", [0.01, 0.3, 1.0])
def test_any_threshold_has_the_verdict_and_jaccard_of_python(planted, threshold):
    cfg = DedupeSettings(threshold=threshold, max_length_difference=1)
    pairs = list(verdicts(planted["text"].head(60).to_list(), cfg))
    assert [found for (_, _, found), _ in pairs] == [expected for _, expected in pairs]


def test_marks_of_no_width_tell_short_texts_apart():
    news, rice = "กรุณาเขียนเกี่ยวกับข่าว", "กรุณาเขียนเกี่ยวกับข้าว"
    assert {found for (a, b, found), _ in verdicts([news, rice], DedupeSettings()) if a != b} == {
        -1.0
    }


def test_shingles_of_one_hash_are_not_taken_for_equal():
    from tasks.similarity.twins import _tag, _words

    rng, seen = random.Random(2), dict[int, str]()
    for _ in range(400_000):
        text = "".join(rng.choices(SYLLABLES, k=5))
        other = seen.setdefault(int(_tag(np.uint64(_words(code_points(text), 0, 5)))), text)
        if other != text:
            break
    cfg = DedupeSettings(min_chars=1, threshold=0.5)
    assert {found for (a, b, found), _ in verdicts([text, other], cfg) if a != b} == {-1.0}


WORDS = st.sampled_from(
    [
        "a",
        "A",
        "b ",
        " ",
        "\u3000",
        "1",
        "１",
        "²",
        "天",
        "空",
        "e\u0301",
        "ก\u0e48",
        "ก\u0e49",
        "ع\u064e",
        "ع\u0650",
        "é",
        "ﬃ",
        "가",
        "(",
        "\n",
        "{",
    ]
)


@given(st.lists(st.lists(WORDS, max_size=14).map("".join), min_size=1, max_size=6))
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_pair_has_the_verdict_and_jaccard_of_python(texts):
    for any_digits in (False, True):
        for (a, b, found), expected in verdicts(texts, CFG, any_digits=any_digits):
            assert found == expected, (a, b, any_digits)


@given(st.lists(st.sampled_from("a(){};=< \t\n`~.</x:"), max_size=16).map("".join))
@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_text_that_looks_like_code_is_taken_for_prose(text):
    from tasks.similarity.facts import facts_of
    from tasks.similarity.verify import looks_like_code

    assert facts_of([text]).is_code[0] == looks_like_code(text)
