import polars as pl

from schemas.settings import DatasetSettings
from tasks.datasets import concerns as module
from tasks.datasets.concerns import concerns
from tasks.datasets.mix import plan_mix
from tasks.datasets.quotas import IS_TYPE, filled

LONG, SHORT = "writing/email", "classification/sentiment"


def said(counts, *, wanted=None, teachers=("a", "b"), templates=(None,), **settings):
    """Return the sentences for so many rows of 10 label tokens of each task type."""
    labels = [label for label, count in counts.items() for _ in range(count)]
    rows = pl.DataFrame(
        {
            "split": "train",
            "answer_id": [str(n) for n in range(len(labels))],
            "area": [label.split("/")[0] for label in labels],
            "kind": [label.split("/")[1] for label in labels],
            "label_tokens": pl.Series([10] * len(labels), dtype=pl.Int64),
            "weight": 1.0,
            "teacher": [teachers[n % len(teachers)] for n in range(len(labels))],
            "template": [templates[n % len(templates)] for n in range(len(labels))],
        },
        schema_overrides={"template": pl.String},
    )
    cfg = DatasetSettings(**{"min_validation_rows": 0} | settings)
    full = filled(counts, dict.fromkeys(counts) | (wanted or {}), cfg.min_rows)
    shown, plan = plan_mix(rows, full.filter(IS_TYPE), frozenset({SHORT}), cfg)
    return concerns(shown, plan, full.filter(~IS_TYPE), cfg)


def enough(monkeypatch):
    monkeypatch.setattr(module, "FEW_ROWS", 1)


def test_few_rows_and_very_many_are_named(monkeypatch):
    few, *_ = said({LONG: 3, SHORT: 3})
    assert few == "6 rows to train on: under 10,000 every wrong one counts. Read them."
    enough(monkeypatch)
    assert said({LONG: 3, SHORT: 3}) == ()
    monkeypatch.setattr(module, "MANY_ROWS", 5)
    assert "over 5" in said({LONG: 3, SHORT: 3})[0]


def test_a_task_type_with_most_of_the_loss_is_named_unless_it_is_the_only_one(monkeypatch):
    enough(monkeypatch)
    assert "writing/email has 75% of the loss" in said({LONG: 6, SHORT: 2})[0]
    assert said({LONG: 6}) == ()


def test_a_teacher_or_template_of_nearly_all_rows_is_named(monkeypatch):
    enough(monkeypatch)
    even = {LONG: 5, SHORT: 5}
    assert "100% of the rows are of the teacher a" in said(even, teachers="a")[0]
    assert said(even, teachers="a", max_source_share=1) == ()
    assert "of the template t1" in said(even, templates=("t1",))[0]


def test_too_few_validation_rows_are_named(monkeypatch):
    enough(monkeypatch)
    [said_] = said({LONG: 5, SHORT: 5}, min_validation_rows=2)
    assert "classification/sentiment 0, writing/email 0" in said_


def test_what_is_missing_to_a_quota_or_share_is_named_by_task_type_and_trait(monkeypatch):
    enough(monkeypatch)
    wanted = {SHORT: 9, "rag": 3}
    assert said({LONG: 4, SHORT: 4}, wanted=wanted) == (
        "classification/sentiment: 4 of 9 rows wanted.",
        "rag: 0 of 3 rows wanted.",
    )
    missed = said({LONG: 500, SHORT: 1}, min_short_share=0.1)[-1]
    assert missed.startswith("classification/sentiment gets 1.57% of the loss, not 10.00%")
