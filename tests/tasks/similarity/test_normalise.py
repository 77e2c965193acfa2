import unicodedata

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.similarity.normalise import comparable, comparable_code, width_key, width_keys


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Ｗｈａｔ？", "what?"),
        ("Straße", "STRASSE"),
        ("a\u3000 b\r\n\tc ", "a b c"),
        ("각", unicodedata.normalize("NFD", "각")),
        ("ｶﾞ", "ガ"),
        ("ﬃ", "ffi"),
    ],
)
def test_comparable_folds_form_case_and_white_space(a, b):
    assert comparable(a) == comparable(b)


@pytest.mark.parametrize("text", ["ΐ", "ǰ", "Ǆ", "각"])
def test_comparable_is_composed_even_where_casefolding_takes_apart(text):
    assert unicodedata.is_normalized("NFKC", comparable(text))


def test_comparable_of_white_space_is_empty():
    assert comparable(" \n\u3000") == ""


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("ＡＢＣ", "ABC"),
        ("什么是 C？", "什么是 C?"),
        ("a\u3000b", " a b\n"),
        ("ｶﾞｷﾞ", "ガギ"),
        ("￥１０", "¥10"),
        ("한국", unicodedata.normalize("NFD", "한국")),
    ],
)
def test_texts_that_differ_in_width_and_outer_space_have_one_width_key(a, b):
    assert width_key(a) == width_key(b)


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("3²", "32"),
        ("What is C?", "what is c?"),
        ("哈哈哈哈", "哈哈哈"),
        ("a b", "a  b"),
        ("①", "1"),
        ("ﬁ", "fi"),
        ("½", "1/2"),
        ("ℂ", "C"),
    ],
)
def test_any_other_difference_gives_two_width_keys(a, b):
    assert width_key(a) != width_key(b)


def test_code_keeps_case_and_indentation_but_not_line_ends_or_trailing_blanks():
    assert comparable_code("If x:\r\n\n    y  = 1  \n") == "If x:\n    y = 1"
    assert comparable_code("if x:\n\ty") != comparable_code("if x:\n    y")


ASSIGNED = st.characters(exclude_categories=("Cs", "Cn"))  # newer Unicode is known to one side only
WIDE = st.sampled_from("Ａ？　ｶﾞ￥\u1100\u1161\u11a8e\u0301 \x1c\x85\n")


@given(st.lists(st.text(ASSIGNED | WIDE)))
def test_a_column_has_the_width_keys_of_its_texts(texts):
    column = pl.DataFrame({"text": texts}, {"text": pl.String})
    keys = column.select(width_keys(pl.col("text"))).to_series()
    assert keys.to_list() == [width_key(text) for text in texts]
