from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.datasets.copies import add_copies, choose_factors

LONG, SHORT, TINY = "writing/email", "classification/sentiment", "maths/arithmetic"
LOSS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 10_000), min_size=1)
FLOORS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from([0, 1 / 64, 1 / 8, 1 / 2]))


def share(loss, factors, label):
    return loss[label] * factors[label] / sum(loss[name] * factors[name] for name in loss)


def frame(label, *tokens, weight=1.0):
    area, kind = label.split("/")
    ids = [f"{kind}{n}" for n in range(len(tokens))]
    return pl.DataFrame(
        {"answer_id": ids, "area": area, "kind": kind, "label_tokens": tokens, "weight": weight}
    )


def test_a_type_gets_the_factor_that_just_reaches_its_share():
    loss = {LONG: 1_000, SHORT: 20}
    factors = choose_factors(loss, {SHORT: 0.05}, 8)
    assert factors[LONG] == 1.0
    assert share(loss, factors, SHORT) == pytest.approx(0.05)


def test_a_type_that_has_its_share_is_not_copied():
    assert choose_factors({LONG: 90, SHORT: 10}, {SHORT: 0.05}, 8) == {LONG: 1.0, SHORT: 1.0}


def test_factors_end_at_their_cap():
    assert choose_factors({LONG: 10**6, SHORT: 10}, {SHORT: 0.05}, 8)[SHORT] == 8.0


def test_a_type_without_a_share_to_reach_is_never_copied_however_rare():
    assert choose_factors({LONG: 1, SHORT: 10**6}, {SHORT: 0.5}, 8)[LONG] == 1.0


def test_copies_of_one_type_are_counted_when_another_is_planned():
    loss = {LONG: 1_000, SHORT: 30, TINY: 15}
    factors = choose_factors(loss, {SHORT: 0.1, TINY: 0.1}, 99)
    assert factors[TINY] > choose_factors(loss, {TINY: 0.1}, 99)[TINY]
    assert share(loss, factors, TINY) == pytest.approx(0.1)
    assert share(loss, factors, SHORT) == pytest.approx(0.1)


@given(LOSS, FLOORS)
def test_less_misses_the_share_and_no_factor_goes_over_the_cap(loss, floors):
    factors = choose_factors(loss, floors, 9)
    for label, factor in factors.items():
        floor = floors.get(label, 0)
        assert 1 <= factor <= 9
        assert factor == 1 or floor
        if factor < 9:
            assert share(loss, factors, label) >= floor - 1e-6
        if factor > 1:
            assert share(loss, factors | {label: factor * 0.99}, label) < floor


def test_a_fraction_of_a_factor_goes_to_as_many_rows_as_make_it_up():
    rows = frame(SHORT, *[3] * 100)
    shown = add_copies(rows, {SHORT: 2.25}, seed=7)
    assert Counter(shown["copies"]) == {2: 75, 3: 25}
    assert shown.columns == [*rows.columns, "copies"]


def test_the_loss_counts_not_the_number_of_rows():
    shown = add_copies(frame(SHORT, *range(1, 201)), {SHORT: 1.5}, seed=7)
    once, whole = shown["label_tokens"].sum(), (shown["label_tokens"] * shown["copies"]).sum()
    assert 1.5 <= whole / once < 1.5 + 200 / once


def test_weights_count_in_the_loss():
    rows = pl.concat([frame(SHORT, 4, 4, weight=0.5), frame(LONG, 100, weight=0.1)])
    shown = add_copies(rows, {SHORT: 1.5, LONG: 1.0}, seed=7)
    assert sorted(shown["copies"]) == [1, 1, 2]


def test_the_same_rows_get_one_more_whatever_their_order_and_others_with_another_seed():
    rows, factors = frame(SHORT, *[3] * 40), {SHORT: 1.5}
    more = set(add_copies(rows, factors, 7).filter(copies=2)["answer_id"])
    assert more == set(add_copies(rows.reverse(), factors, 7).filter(copies=2)["answer_id"])
    assert more != set(add_copies(rows, factors, 8).filter(copies=2)["answer_id"])


def test_a_single_row_is_shown_a_whole_number_of_times():
    assert add_copies(frame(SHORT, 3), {SHORT: 2.4}, 7)["copies"].to_list() == [3]
    assert add_copies(frame(SHORT, 3), {SHORT: 8.0}, 7)["copies"].to_list() == [8]
