import json

import polars as pl
import pytest

from schemas.settings import DatasetSettings
from tasks.datasets.mix import PLAN, Plan, plan_mix
from tasks.datasets.quotas import filled

LONG, SHORT, TINY = "writing/email", "classification/sentiment", "maths/arithmetic"
CFG = DatasetSettings(min_short_share=0.05)


def frame(*rows, weight=1.0):
    """Make rows of (label, label tokens)."""
    parts = [(f"a{n}", *label.split("/"), tokens, weight) for n, (label, tokens) in enumerate(rows)]
    columns = ["answer_id", "area", "kind", "label_tokens", "weight"]
    return pl.DataFrame(parts, schema=columns, orient="row")


def planned(rows, short, cfg=CFG):
    there = {f"{area}/{kind}": n for area, kind, n in rows.group_by("area", "kind").len().rows()}
    return plan_mix(rows, filled(there, dict.fromkeys(there), 0), frozenset(short), cfg)


def test_the_plan_counts_rows_and_label_tokens_and_says_what_copies_change():
    shown, plan = planned(frame((LONG, 600), (LONG, 370), (SHORT, 10), (SHORT, 20)), {SHORT})
    assert plan.schema == PLAN
    assert dict(shown.select("label_tokens", "copies").iter_rows()) == {
        600: 1,
        370: 1,
        10: 2,
        20: 2,
    }
    common = {"quota": None, "shortfall": 0, "available": 2, "rows": 2}
    assert plan.to_dicts() == [
        common
        | {
            "area": "classification",
            "kind": "sentiment",
            "short": True,
            "label_tokens": 30,
            "share": 0.03,
            "floor": 0.05,
            "factor": 2.0,
            "share_after": pytest.approx(60 / 1030),
        },
        common
        | {
            "area": "writing",
            "kind": "email",
            "short": False,
            "label_tokens": 970,
            "share": 0.97,
            "floor": None,
            "factor": 1.0,
            "share_after": pytest.approx(970 / 1030),
        },
    ]


def test_a_type_with_long_answers_has_the_share_that_settings_give_it():
    cfg = DatasetSettings(min_short_share=0, loss_shares={TINY: 0.2}, max_copies=100)
    _, plan = planned(frame((LONG, 900), *[(TINY, 1)] * 100), (), cfg)
    assert plan["share_after"][0] == pytest.approx(0.2, abs=0.001)


def test_shares_are_those_of_the_tempered_loss():
    rows = pl.concat([frame((LONG, 100), weight=0.1), frame((SHORT, 4), weight=0.5)])
    _, plan = planned(rows, {SHORT})
    assert plan["share"].to_list() == pytest.approx([2 / 12, 10 / 12])


def test_the_order_of_rows_does_not_change_the_plan():
    rows = frame((LONG, 600), (SHORT, 10), (TINY, 4), (SHORT, 20), (LONG, 370))
    plan, again = (planned(some, {SHORT, TINY})[1] for some in (rows, rows.reverse()))
    assert plan.equals(again)


def test_a_type_that_is_wanted_and_not_there_stands_in_the_plan():
    rows = frame((LONG, 600))
    _, plan = plan_mix(rows, filled({LONG: 1}, {LONG: None, SHORT: 9}, 0), frozenset({SHORT}), CFG)
    assert plan.select("kind", "rows", "quota", "shortfall", "share_after").rows() == [
        ("sentiment", 0, 9, 9, None),
        ("email", 1, None, 0, 1.0),
    ]


@pytest.mark.parametrize(
    ("rows", "copies"),
    [
        ([(SHORT, 3)], [1]),
        ([(SHORT, 3), (TINY, 3)], [1, 1]),
        ([(LONG, 300), (LONG, 90)], [1, 1]),
        ([(LONG, 300), (SHORT, 3)], [1, 6]),
        ([(LONG, 3_000), (SHORT, 3)], [1, 8]),
    ],
    ids=["one_row", "all_short", "all_long", "one_short_row", "capped"],
)
def test_odd_mixes_have_sensible_plans(rows, copies):
    shown, plan = planned(frame(*rows), {SHORT, TINY})
    assert shown.sort("answer_id")["copies"].to_list() == copies
    assert plan["share_after"].sum() == pytest.approx(1)


def test_nothing_to_train_on_is_an_empty_plan():
    shown, plan = planned(frame(("a/b", 1)).clear(), {SHORT})
    assert (shown.height, plan.schema, plan.height) == (0, PLAN, 0)


def test_a_plan_can_be_read_as_json():
    _, plan = planned(frame((LONG, 600)), ())
    body = json.loads(Plan(plan, filled({}, {"rag": 3}, 0), ("Read them.",)).as_json())
    assert body["types"][0]["kind"] == "email"
    assert body["traits"] == [
        {"group": "rag", "available": 0, "quota": 3, "rows": 0, "shortfall": 3}
    ]
    assert body["warnings"] == ["Read them."]
