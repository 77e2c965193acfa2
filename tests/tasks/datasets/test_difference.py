import json
from datetime import date

import polars as pl
import pytest

from tasks.adapters import store
from tasks.datasets.difference import NO_INPUT, Side, difference, read
from tasks.datasets.versions import freeze
from tasks.upsample import prepare

ABOUT = {"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 2)}
ABOUT |= {"tokenizer": "base", "tokenizer_sha256": "aa"}
MOOD = "classification/sentiment"


def line(answer_id, **columns):
    said = {"split": "train", "task_type": "qa/how_to", "copies": 1, "weight": 1.0}
    said |= {"label_tokens": 10, "prompt": 1, "answer": 1, "tools": 0, "turns": 0}
    said |= {"language": "en", "teacher": "strong-1", "template": "answer.v1"}
    return {"answer_id": answer_id, **said, **columns}


def side(*lines, drops=(), settings=None, **about):
    schema = {name: type(value) for name, value in line("a").items()}
    dropped = pl.DataFrame(list(drops), {"answer_id": str, "reason": str}, orient="row")
    told = ABOUT | {"settings": json.dumps(settings or {})} | about
    return Side(told, pl.DataFrame(list(lines), schema), dropped)


def rows(a, b):
    return difference(a, b).rows.rows()


def test_a_version_differs_in_nothing_from_itself():
    one = side(line("a"), line("b"))
    found = difference(one, one)
    assert found.rows.rows() == [("same", None, 2, "a")]
    assert found.answers.height == found.made_of.height == 0


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("split", "validation"),
        ("task_type", MOOD),
        ("copies", 4),
        ("weight", 0.5),
        ("prompt", 2),
        ("answer", 2),
        ("tools", 2),
        ("turns", 2),
    ],
)
def test_a_changed_row_names_the_column(column, value):
    assert rows(side(line("a")), side(line("a", **{column: value}))) == [
        ("changed", column, 1, "a")
    ]


def test_a_row_that_changed_twice_counts_for_both_columns_and_once_among_the_answers():
    found = difference(side(line("a")), side(line("a", copies=2, answer=2)))
    assert found.rows.rows() == [("changed", "answer", 1, "a"), ("changed", "copies", 1, "a")]
    assert found.answers.rows() == [("a", "changed", ["copies", "answer"])]


def test_lengths_and_where_a_row_comes_from_change_no_row():
    other = line("a", label_tokens=12, teacher="strong-2", template="answer.v2", language="ko")
    assert rows(side(line("a")), side(other)) == [("same", None, 1, "a")]


def test_a_new_or_removed_row_says_what_the_other_version_did_with_it():
    a = side(line("gone"), line("leaked"), drops=[("came", "quota")])
    b = side(line("came"), line("fresh"), drops=[("leaked", "leak")])
    assert rows(a, b) == [
        ("new", NO_INPUT, 1, "fresh"),
        ("new", "quota", 1, "came"),
        ("removed", "leak", 1, "leaked"),
        ("removed", NO_INPUT, 1, "gone"),
    ]


def test_there_and_back_is_new_for_removed():
    a, b = side(line("a"), line("b", copies=2)), side(line("b"), line("c"))
    swapped = {"new": "removed", "removed": "new", "changed": "changed"}
    back = [(swapped[way], what, n, id_) for way, what, n, id_ in rows(b, a)]
    assert sorted(back) == rows(a, b)


def test_figures_show_rows_mean_answers_and_shares_of_the_loss_with_copies():
    held = line("h", split="validation", label_tokens=99)
    a = side(line("a", label_tokens=30), line("m", task_type=MOOD, label_tokens=10), held)
    b = side(line("a", label_tokens=30), line("m", task_type=MOOD, label_tokens=10, copies=3), held)
    found = difference(a, b).figures["task_type"]
    assert found.columns[1:] == [
        *("train_a", "train_b", "validation_a", "validation_b"),
        *("label_tokens_a", "label_tokens_b", "loss_share_a", "loss_share_b"),
    ]
    assert found.rows() == [
        (MOOD, 1, 1, 0, 0, 10.0, 10.0, 0.25, 0.5),
        ("qa/how_to", 1, 1, 1, 1, 30.0, 30.0, 0.75, 0.5),
    ]


def test_a_kind_that_only_one_version_has_has_no_rows_and_no_mean_in_the_other():
    found = difference(side(line("a", language="ko")), side(line("a", language="zh")))
    assert found.figures["language"].rows() == [
        ("ko", 1, 0, 0, 0, 10.0, None, 1.0, 0.0),
        ("zh", 0, 1, 0, 0, None, 10.0, 0.0, 1.0),
    ]


def test_settings_days_and_tokenizer_that_differ_are_named():
    a = side(line("a"), settings={"dataset": {"seed": 7, "max_copies": 8}})
    b = side(
        line("a"),
        settings={"dataset": {"seed": 8, "max_copies": 8}},
        last_day=date(2026, 3, 3),
        tokenizer_sha256="bb",
    )
    assert difference(a, b).made_of.rows() == [
        ("dataset.seed", "7", "8"),
        ("last_day", "2026-03-02", "2026-03-03"),
        ("tokenizer_sha256", "aa", "bb"),
    ]


def test_texts_are_compared_as_they_are_stored(cfg, keep, kept, offer):
    keep(cfg, *(kept(f"a{n}", f"Why {n}?", user=f"t{n}") for n in range(4)))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    keep(
        cfg,
        kept("a0", "Why 0?", user="t0"),
        kept("a1", "Why 1?", "No.", user="t1"),
        kept("a2", "How 2?", user="t2"),
        kept("a3", "Why 3?", user="t3"),
    )
    offer(cfg, a3='[{"name": "clock", "parameters": {}}]')
    freeze(cfg.warehouse, prepare(cfg), "v2")
    with store.reading(cfg.warehouse) as con:
        found = difference(read(con, "v1"), read(con, "v2"))
    assert found.rows.rows() == [
        ("changed", "answer", 1, "a1-0-0"),
        ("changed", "prompt", 1, "a2-0-0"),
        ("changed", "tools", 1, "a3-0-0"),
        ("same", None, 1, "a0-0-0"),
    ]
    assert found.figures["language"]["language"].to_list() == ["en"]
    assert found.figures["teacher"]["teacher"].to_list() == ["no longer stored"]
