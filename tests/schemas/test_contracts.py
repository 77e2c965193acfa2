from datetime import date, datetime

import polars as pl
import pytest

from schemas import contracts, ddl
from schemas.errors import ContractBroken
from tasks.adapters import store

DAY = date(2026, 3, 2)
TAG = {
    "day": DAY,
    "prompt_id": "c-0",
    "area": "maths",
    "kind": "addition",
    "confidence": 1.0,
    "tagger": "keywords",
    "taxonomy_version": 1,
    "reason": None,
    "tag_key": None,
    "call_key": None,
    "input_hash": 2**64 - 1,
}
ANSWER = {
    "day": DAY,
    "answer_id": "c-0-0",
    "prompt_id": "c-0",
    "sample": 0,
    "area": "maths",
    "kind": "addition",
    "answer": "4",
    "reasoning": None,
    "origin": "model",
    "model": "m",
    "logged_for": None,
    "finish_reason": "stop",
    "prompt_tokens": 1,
    "answer_tokens": 1,
    "cost_usd": 0.0,
    "template_version": "answer_short.v1",
    "few_shot_ids": [],
    "pool_version": None,
    "call_key": "k",
    "failed": None,
    "input_hash": 0,
}


def tags(**changed):
    return contracts.frame("tagged_prompts", [{**TAG, **changed}])


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "var" / "warehouse.duckdb"
    store.prepare(path)
    return path


def test_every_contract_has_the_columns_types_and_nullability_of_its_table(warehouse):
    for table in ddl.tables().values():
        assert store.select(warehouse, f"FROM {table.name}").schema == contracts.schema(table.name)
        declared = {
            column.alias or name: column.nullable
            for name, column in contracts.CONTRACTS[table.name].columns().items()
        }
        assert declared == {c.name: c.nullable for c in table.columns}, table.name


def test_every_table_in_the_store_is_the_one_in_its_file(warehouse):
    known = store.select(
        warehouse,
        "SELECT table_name, column_name, data_type, is_nullable FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY table_name, column_index",
    )
    for table in ddl.tables().values():
        stored = known.filter(pl.col("table_name") == table.name).drop("table_name").rows()
        types = [(name, kind.replace('"', ""), null) for name, kind, null in stored]
        assert types == [(c.name, c.type.replace('"', ""), c.nullable) for c in table.columns]


def test_columns_may_come_in_any_order_and_leave_in_that_of_the_table():
    backwards = tags().select(list(reversed(TAG)))
    assert contracts.check("tagged_prompts", backwards).columns == list(TAG)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (lambda f: f.with_columns(x=1), r"tagged_prompts: extra column x\. .*\.sql"),
        (lambda f: f.drop("kind"), r"tagged_prompts: missing column kind\. Fix the stage"),
        (
            lambda f: f.rename({"kind": "kine"}),
            r"tagged_prompts: extra column kine and missing column kind\.",
        ),
        (
            lambda f: f.with_columns(pl.col("taxonomy_version").cast(pl.Int64)),
            r"tagged_prompts: mistyped column taxonomy_version: Int64, wanted Int32\. Cast it",
        ),
        (
            lambda f: f.with_columns(pl.col("confidence") + 1),
            r"tagged_prompts: .*confidence\|max \(1 rows\)",
        ),
        (
            lambda f: f.with_columns(area=pl.lit(None, dtype=pl.String)),
            r"tagged_prompts: .*area\|nullability \(1 rows\)",
        ),
        (
            lambda f: f.with_columns(tagger=pl.lit("oracle")),
            r"tagged_prompts: .*tagger\|regex \(1 rows\)",
        ),
        (lambda f: pl.concat([f, f]), r"tagged_prompts: .*primary_key \(2 rows\)"),
    ],
    ids=["extra", "missing", "renamed", "mistyped", "range", "null", "word", "key"],
)
def test_a_frame_that_does_not_fit_is_refused_by_table_and_column(broken, said):
    with pytest.raises(ContractBroken, match=said):
        contracts.check("tagged_prompts", broken(tags()))


def test_a_nested_type_is_compared_to_its_last_field():
    rows = contracts.frame("prompts", []).with_columns(
        rule_hits=pl.lit([], dtype=pl.List(pl.Struct({"rule": pl.String, "value": pl.Float32})))
    )
    with pytest.raises(ContractBroken, match="prompts: mistyped column rule_hits"):
        contracts.check("prompts", rows)


@pytest.mark.parametrize("changed", [{"failed": "refused"}, {"answer": None}], ids=str)
def test_an_answer_has_a_text_or_a_reason_never_both_never_neither(changed):
    contracts.check("answers", contracts.frame("answers", [ANSWER]))
    rows = contracts.frame("answers", [{**ANSWER, **changed}])
    with pytest.raises(ContractBroken, match=r"answers: .*answered_or_failed \(1 rows\)"):
        contracts.check("answers", rows)


def test_an_empty_frame_has_the_types_of_its_table():
    for name in ddl.tables():
        assert contracts.check(name, contracts.frame(name, [])).schema == contracts.schema(name)


def test_plain_rows_are_held_to_the_columns_one_by_one():
    short = {name: value for name, value in TAG.items() if name != "kind"}
    with pytest.raises(ContractBroken, match="tagged_prompts: missing column kind"):
        contracts.frame("tagged_prompts", [TAG, short])
    with pytest.raises(ContractBroken, match="tagged_prompts: extra column colour"):
        contracts.frame("tagged_prompts", [TAG, {**TAG, "colour": "red"}])


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("taxonomy_version", 1.5),
        ("area", 3),
        ("day", "2026-03-02"),
        ("day", datetime(2026, 3, 2, 7)),
        ("input_hash", -1),
    ],
)
def test_a_plain_value_of_another_type_is_refused_not_cast_and_not_repeated(column, value):
    with pytest.raises(ContractBroken, match=f"tagged_prompts: mistyped value in {column}") as said:
        contracts.frame("tagged_prompts", [TAG, {**TAG, column: value}])
    assert str(value) not in str(said.value)
