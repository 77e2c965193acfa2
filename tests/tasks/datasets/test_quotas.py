import polars as pl
import pytest

from schemas.settings import DatasetSettings
from schemas.task_types import load
from tasks.datasets.quotas import filled, group_of, over_quota, quotas

TYPES = load()
EASY, HARD = "classification/sentiment", "code/debug"
POINTS = {label: kind.difficulty * kind.weight for label, kind in TYPES.kinds.items()}


def settings(**given):
    return DatasetSettings(**given)


def test_without_a_total_there_is_room_for_all():
    assert quotas({EASY: 9, HARD: 9}, TYPES, settings()) == {EASY: None, HARD: None}


def test_a_total_is_shared_out_by_difficulty_times_weight():
    wanted = quotas({EASY: 9, HARD: 9}, TYPES, settings(rows=1_000))
    assert wanted[HARD] / wanted[EASY] == pytest.approx(POINTS[HARD] / POINTS[EASY], rel=0.02)
    assert sum(wanted.values()) == pytest.approx(1_000, abs=1)
    assert wanted[HARD] > wanted[EASY]


def test_what_a_type_lacks_is_nobody_elses():
    few, many = ({EASY: 9, HARD: there} for there in (1, 10_000))
    cfg = settings(rows=1_000)
    assert quotas(few, TYPES, cfg) == quotas(many, TYPES, cfg)


@pytest.mark.parametrize(
    ("given", "held"),
    [({"min_rows": 400}, {EASY: 400}), ({"max_rows": 300}, {HARD: 300})],
    ids=["floor", "cap"],
)
def test_a_share_of_the_total_is_held_between_floor_and_cap(given, held):
    wanted = quotas({EASY: 9, HARD: 9}, TYPES, settings(rows=1_000, **given))
    assert held.items() <= wanted.items()


def test_a_quota_of_ones_own_comes_off_the_total_by_what_there_is_of_it():
    cfg = settings(rows=1_000, quotas={EASY: 600}, trait_quotas={"rag": 100})
    wanted = quotas({EASY: 200, HARD: 9, "rag": 500}, TYPES, cfg)
    assert wanted == {EASY: 600, HARD: 1_000 - 200 - 100, "rag": 100}


def test_a_type_that_the_list_does_not_know_weighs_as_one_that_says_nothing():
    plain = next(label for label, points in POINTS.items() if points == 3.0)
    wanted = quotas({"old/kind": 9, plain: 9}, TYPES, settings(rows=10))
    assert wanted == {"old/kind": 5, plain: 5}


def test_a_type_of_no_weight_is_not_trained_on():
    kinds = {EASY: TYPES.kinds[EASY].model_copy(update={"weight": 0.0}), HARD: TYPES.kinds[HARD]}
    types = TYPES.model_copy(update={"kinds": kinds})
    assert quotas({EASY: 9, HARD: 9}, types, settings()) == {EASY: 0, HARD: None}
    assert quotas({EASY: 9}, types, settings(rows=5)) == {EASY: 0}


def test_the_report_names_what_is_missing_also_of_what_is_not_there_at_all():
    report = filled({EASY: 9, HARD: 2}, {EASY: 4, HARD: None, "rag": 3}, min_rows=5)
    assert report.rows() == [
        (EASY, 9, 4, 4, 0),
        (HARD, 2, None, 2, 3),
        ("rag", 0, 3, 0, 3),
    ]


def test_a_row_counts_against_its_first_trait_with_a_quota_else_against_its_type():
    rows = pl.DataFrame({"area": "a", "kind": "b", "traits": [["toxic", "rag"], ["rag"], []]})
    assert rows.select(group_of(["rag", "toxic"])).to_series().to_list() == ["rag", "rag", "a/b"]
    assert rows.select(group_of([])).to_series().to_list() == ["a/b"] * 3


def rows_of(group, count):
    return pl.DataFrame({"answer_id": [f"{group}{n}" for n in range(count)], "group": group})


def test_a_quota_keeps_the_same_rows_when_others_come_and_others_with_another_seed():
    wanted = {"a/a": 5, "b/b": None}
    many = pl.concat([rows_of("a/a", 40), rows_of("b/b", 9)])
    over = set(over_quota(many, wanted, seed=7))
    assert len(over) == 35
    assert not any(id_.startswith("b") for id_ in over)
    assert set(over_quota(rows_of("a/a", 20).reverse(), wanted, seed=7)) <= over
    assert over != set(over_quota(many, wanted, seed=8))
