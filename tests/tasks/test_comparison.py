from itertools import product

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.comparison import compare, holm, sign_test

CHANCE = st.floats(0, 1)


def compared(alpha=0.05, **types):
    """Compare two models: per kind a pattern of one mark per prompt.

    `+` won, `-` lost, `=` both right, `.` both wrong, `?` no exact answer, `!` neither stops.
    """
    marks = [(kind, mark) for kind, pattern in types.items() for mark in pattern]
    right = {"+": (True, False), "-": (False, True), "=": (True, True), ".": (False, False)}
    rows = [
        {
            "prompt_id": f"p{n}",
            "area": "qa",
            "kind": kind,
            "stopped": mark != "!",
            "correct": right.get(mark, (None, None))[0],
            "other": right.get(mark, (None, None))[1],
        }
        for n, (kind, mark) in enumerate(marks)
    ]
    schema = {"correct": pl.Boolean, "other": pl.Boolean}
    frame = pl.DataFrame(rows, schema_overrides=schema)
    prompts = frame.select("prompt_id", "area", "kind")
    said = frame.select("prompt_id", "stopped", "correct")
    others = frame.select("prompt_id", pl.lit(True).alias("stopped"), correct="other")
    return compare(prompts.reverse(), said, others.sample(fraction=1, shuffle=True, seed=1), alpha)


def verdict(verdicts, kind):
    return verdicts.row(by_predicate=pl.col("kind") == kind, named=True)


@pytest.mark.parametrize(("won", "lost"), [(0, 0), (1, 0), (3, 1), (0, 5), (4, 4), (9, 2)])
def test_the_sign_test_counts_the_tosses_of_a_fair_coin(won, lost):
    heads = [sum(tosses) for tosses in product((0, 1), repeat=won + lost)]
    as_many_wins = sum(count >= won for count in heads) / len(heads)
    as_many_losses = sum(count >= lost for count in heads) / len(heads)
    assert sign_test(won, lost) == (as_many_wins, as_many_losses)


@given(st.integers(0, 400), st.integers(0, 400))
def test_the_sign_test_is_fair_to_both_sides(won, lost):
    assert sign_test(won, lost) == sign_test(lost, won)[::-1]
    assert all(0 <= chance <= 1 for chance in sign_test(won, lost))


def test_the_sign_test_takes_thousands_of_prompts():
    better, worse = sign_test(2600, 2400)
    assert better == pytest.approx(0.00244, abs=1e-5)  # normal approximation: .00245
    assert better + worse > 1


def test_holm_corrects_the_least_chance_most_and_keeps_the_order():
    # 4 * .01; 3 * .02; 2 * .04 = .08; the last may not be less than the one before it
    assert holm([0.04, 0.01, 0.07, 0.02]) == [0.08, 0.04, 0.08, 0.06]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


@given(st.lists(CHANCE, max_size=9))
def test_holm_lowers_no_chance_and_keeps_their_order(chances):
    corrected = holm(chances)
    pairs = sorted(zip(chances, corrected, strict=True))
    assert all(chance <= more <= 1 for chance, more in pairs)
    assert [more for _, more in pairs] == sorted(corrected)


def test_wins_losses_and_right_answers_are_counted():
    row = verdict(compared(sums="++-==..?!"), "sums")
    seen = ("prompts", "exact", "correct", "correct_against", "won", "lost", "stopped")
    assert [row[name] for name in seen] == [9, 7, 4, 3, 2, 1, 8]
    assert row["stopped_against"] == 9


@pytest.mark.parametrize(
    ("pattern", "conclusion"),
    [
        ("+++++", "better"),
        ("-----", "worse"),
        ("++++", "no_difference"),  # 1 in 16 by chance
        ("+++++++--", "no_difference"),
        ("=====.....", "no_difference"),
        ("?????", "not_comparable"),
    ],
)
def test_a_task_type_is_better_or_worse_when_chance_is_ruled_out(pattern, conclusion):
    verdicts = compared(sums=pattern)
    assert verdict(verdicts, "sums")["conclusion"] == conclusion
    assert verdict(verdicts, "all")["conclusion"] == conclusion


def test_with_more_task_types_a_difference_needs_more_proof():
    verdicts = compared(sums="-----", dates="=====", mood="=====")
    assert verdict(verdicts, "sums")["p_worse"] == 3 / 32
    assert verdict(verdicts, "sums")["conclusion"] == "no_difference"


def test_the_verdict_over_all_is_one_test_over_all_prompts():
    verdicts = compared(sums="+++", dates="++")
    whole = verdicts.row(0, named=True)
    assert (whole["area"], whole["kind"]) == ("all", "all")
    assert (whole["won"], whole["p_better"], whole["conclusion"]) == (5, 1 / 32, "better")
    assert verdict(verdicts, "sums")["conclusion"] == "no_difference"


def test_a_type_may_be_worse_while_the_whole_is_better():
    verdicts = compared(sums="-" * 8, dates="+" * 40)
    assert verdict(verdicts, "sums")["conclusion"] == "worse"
    assert verdict(verdicts, "all")["conclusion"] == "better"


def test_the_same_answers_make_no_difference():
    verdicts = compared(sums="=" * 30, dates="." * 30)
    assert set(verdicts["conclusion"]) == {"no_difference"}
    assert set(verdicts["p_better"]) == set(verdicts["p_worse"]) == {1.0}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("+-=.?!", min_size=1, max_size=30), min_size=1, max_size=4))
def test_the_other_way_round_better_is_worse(patterns):
    named = {f"kind{n}": pattern for n, pattern in enumerate(patterns)}
    swap = str.maketrans("+-", "-+")
    there = compared(**named)
    back = compared(**{kind: pattern.translate(swap) for kind, pattern in named.items()})
    turned = {"better": "worse", "worse": "better"}
    said = [turned.get(conclusion, conclusion) for conclusion in back["conclusion"]]
    assert there["conclusion"].to_list() == said
    assert there["p_better"].to_list() == back["p_worse"].to_list()
    assert there["won"].to_list() == back["lost"].to_list()
