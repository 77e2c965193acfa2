"""The cheap look at an answer's language agrees with the close one wherever it is sure."""

import random

import polars as pl

from tasks.checks.other_language import _language, plainly

PIECES = {
    "en": "The rain in the hills is what makes the river rise, and that is the end of it. ",
    "zh": "山里下了雨，河水就涨起来了。",
    "ko": "산에 비가 와서 강물이 불어났습니다. ",
    "ja": "山に雨が降って川が増えました。",
    "de": "Der Regen in den Bergen lässt den Fluss steigen. ",
    "code": "x = f(y); return [a, b] ",
    "digits": "12,5 3.7 80% ",
}


def mixtures(count):
    rng = random.Random(7)
    for _ in range(count):
        parts = rng.choices(list(PIECES), k=rng.randint(1, 4))
        yield "".join(PIECES[name][: rng.randint(1, 60)] for name in parts)[:120]


def test_what_is_plainly_a_language_is_found_to_be_it():
    texts = list(mixtures(3_000))
    seen = set()
    for code in ("en", "zh", "ko"):
        frame = pl.DataFrame({"text": texts}).with_columns(language=pl.lit(code))
        sure = frame.filter(plainly(pl.col("text"), pl.col("language")))["text"]
        assert {_language(text) for text in sure} == {code}
        seen |= {sure.len() > 100}
    assert seen == {True}


def test_other_languages_are_never_plain():
    frame = pl.DataFrame({"text": [PIECES["ja"], PIECES["de"]], "language": ["ja", "de"]})
    assert not frame.select(plainly(pl.col("text"), pl.col("language")).any()).item()
