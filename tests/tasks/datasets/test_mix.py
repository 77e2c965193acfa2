from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.datasets.mix import PLAN, choose_copies, plan_mix

LONG, SHORT, TINY = "writing/email", "classification/sentiment", "maths/arithmetic"
FLOOR = {"min_share": 0.05, "max_copies": 8}
TOKENS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10_000), min_size=1)


def share(tokens, copies, label):
    total = sum(count * copies[name] for name, count in tokens.items())
    return Fraction(tokens[label] * copies[label], total)


def frame(*rows):
    """Make rows of (label, label tokens)."""
    parts = [(*label.split("/"), tokens) for label, tokens in rows]
    return pl.DataFrame(parts, schema=["area", "kind", "label_tokens"], orient="row")


def test_a_short_type_gets_the_fewest_copies_that_reach_its_share():
    tokens = {LONG: 1000, SHORT: 20}
    copies = choose_copies(tokens, frozenset({SHORT}), **FLOOR)
    assert copies == {LONG: 1, SHORT: 3}
    assert share(tokens, copies, SHORT) >= Fraction("0.05")
    assert share(tokens, {LONG: 1, SHORT: 2}, SHORT) < Fraction("0.05")


def test_a_short_type_that_has_its_share_is_not_copied():
    assert choose_copies({LONG: 90, SHORT: 10}, frozenset({SHORT}), **FLOOR)[SHORT] == 1


def test_copies_end_at_their_cap():
    assert choose_copies({LONG: 10**6, SHORT: 10}, frozenset({SHORT}), **FLOOR)[SHORT] == 8


def test_a_long_type_is_never_copied_however_rare():
    assert choose_copies({LONG: 1, SHORT: 10**6}, frozenset({SHORT}), **FLOOR)[LONG] == 1


def test_copies_of_one_short_type_are_counted_when_another_is_planned():
    tokens, short = {LONG: 1000, SHORT: 30, TINY: 15}, frozenset({SHORT, TINY})
    alone = choose_copies({LONG: 1000, TINY: 15}, short, min_share=0.1, max_copies=99)
    both = choose_copies(tokens, short, min_share=0.1, max_copies=99)
    assert both[TINY] > alone[TINY]
    assert share(tokens, both, TINY) >= Fraction("0.1")
    assert share(tokens, both, SHORT) >= Fraction("0.1")


@given(TOKENS, st.sets(st.sampled_from("abcdef")), st.sampled_from([0, 1 / 64, 1 / 8, 1 / 2]))
def test_one_copy_less_misses_the_share_and_no_copies_go_over_the_cap(tokens, short, floor):
    copies = choose_copies(tokens, frozenset(short), min_share=floor, max_copies=9)
    for label, count in copies.items():
        assert 1 <= count <= 9
        assert count == 1 or label in short
        assert label not in short or count == 9 or share(tokens, copies, label) >= floor
        fewer = copies | {label: count - 1}
        assert count == 1 or share(tokens, fewer, label) < floor


def test_the_plan_counts_rows_and_label_tokens_and_says_what_copies_change():
    rows = frame((LONG, 600), (LONG, 370), (SHORT, 10), (SHORT, 20))
    plan = plan_mix(rows, frozenset({SHORT}), **FLOOR)
    assert plan.schema == PLAN
    assert plan.to_dicts() == [
        {
            "area": "classification",
            "kind": "sentiment",
            "short": True,
            "rows": 2,
            "label_tokens": 30,
            "share": 0.03,
            "copies": 2,
            "share_after": pytest.approx(60 / 1030),
        },
        {
            "area": "writing",
            "kind": "email",
            "short": False,
            "rows": 2,
            "label_tokens": 970,
            "share": 0.97,
            "copies": 1,
            "share_after": pytest.approx(970 / 1030),
        },
    ]


def test_the_order_of_rows_does_not_change_the_plan():
    rows = frame((LONG, 600), (SHORT, 10), (TINY, 4), (SHORT, 20), (LONG, 370))
    short = frozenset({SHORT, TINY})
    assert plan_mix(rows, short, **FLOOR).equals(plan_mix(rows.reverse(), short, **FLOOR))


def test_nothing_to_train_on_is_an_empty_plan():
    empty = frame().cast({"area": pl.String, "kind": pl.String, "label_tokens": pl.Int64})
    plan = plan_mix(empty, frozenset({SHORT}), **FLOOR)
    assert plan.schema == PLAN
    assert plan.height == 0
