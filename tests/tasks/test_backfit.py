"""Off by default: an answer that misses only what its prompt asked of its form gets another one."""

from datetime import date, datetime

import pytest

from schemas import contracts, ddl
from schemas.batch import Batch
from schemas.conversation import text_message
from schemas.run import Run
from schemas.settings import CheckSettings
from tasks.adapters import store
from tasks.check import check
from tasks.dedupe import dedupe_answers

DAY = date(2026, 3, 2)
ASKED = "Give me three tips for frying an egg."
TWO, THREE = "1. Hot pan.\n2. Salt.", "1. Hot pan.\n2. Salt.\n3. Low heat."
PAINTED = "Give me 2 tips for frying an egg."
ON = CheckSettings(backfit=True)


@pytest.fixture
def checked(cfg):
    """Check answers to ASKED: checked({id: answer}, settings of check, llm) returns the rows."""

    def run(answers, check_settings=ON, llm=None):
        rows = [_row(id_, said) for id_, said in answers.items()]
        with store.writing(cfg.warehouse) as con:
            for table, origin in (("prompts", "log"), ("answers", "model")):
                columns = contracts.schema(table)
                made = [
                    {name: (row | {"origin": origin}).get(name) for name in columns} for row in rows
                ]
                store.replace(con, table, DAY, contracts.frame(table, made))
        changed = {"check": check_settings} | ({"llm": llm} if llm else {})
        mine = Run(cfg=cfg.model_copy(update=changed))
        batch = Batch(warehouse=cfg.warehouse, table="answers", day=DAY, rows=0)
        dedupe_answers.fn(check.fn(batch, mine), mine)
        found = store.select(cfg.warehouse, "FROM checked_answers ORDER BY answer_id, version")
        return [
            tuple(row[n] for n in ("answer_id", "version", "defects", "rewritten"))
            for row in found.to_dicts()
        ]

    return run


def _row(id_, said):
    return {
        **{"day": DAY, "prompt_id": id_, "answer_id": f"{id_}-0", "chat_id": id_, "turn": 0},
        **{"sample": 0, "started_at": datetime(2026, 3, 2), "language": "en"},
        "messages": [text_message("system", "Be brief."), text_message("user", ASKED)],
        **{"prompt": ASKED, "traits": [], "rule_hits": [], "area": "qa", "kind": "how_to"},
        **{"answer": said, "finish_reason": "stop", "few_shot_ids": [], "input_hash": 1},
    }


def test_off_by_default(checked):
    assert checked({"a": TWO}, CheckSettings()) == [("a-0", 0, ["count_missed"], None)]


def test_both_versions_are_kept_and_the_rewritten_one_is_marked(checked, cfg):
    assert checked({"a": TWO, "b": THREE}) == [
        ("a-0", 0, ["count_missed"], None),
        ("a-0", 2, [], PAINTED),
        ("b-0", 0, [], None),
    ]
    (run,) = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'check'").to_dicts()
    assert (run["rows_in"], run["kept"], run["dropped"]) == (2, 2, 0)
    journey = store.select(
        cfg.warehouse,
        "SELECT decision, detail FROM journey WHERE stage = 'check' AND answer_id = 'a-0'",
    )
    assert journey.rows()[1] == ("prompt rewritten", f"version 2: {PAINTED}")
    assert store.select(cfg.warehouse, "FROM conservation").is_empty()
    assert store.select(cfg.warehouse, "FROM drops").is_empty()


def test_a_repair_comes_first(checked, model_says):
    llm, _ = model_says(lambda _body: THREE)
    assert checked({"a": TWO}, llm=llm) == [
        ("a-0", 0, ["count_missed"], None),
        ("a-0", 1, [], None),
    ]


def test_a_repair_that_misses_it_again_is_what_the_prompt_is_rewritten_to(checked, model_says, cfg):
    four = f"{THREE}\n4. Butter."
    llm, _ = model_says(lambda _body: four)
    *_, last = checked({"a": TWO}, llm=llm)
    assert last == ("a-0", 2, [], "Give me 4 tips for frying an egg.")
    [row] = store.select(cfg.warehouse, "FROM checked_answers WHERE version = 2").to_dicts()
    assert row["answer"] == four
    assert row["call_key"] is not None  # of the repair


def test_an_answer_with_another_defect_stays_one(checked):
    said = "1. I am ChatGPT, made by OpenAI.\n2. Salt."
    assert [version for _, version, *_ in checked({"a": said})] == [0]


def test_the_dataset_and_the_pool_show_the_rewritten_prompt(checked, cfg):
    checked({"a": TWO})
    with store.reading(cfg.warehouse) as con:
        [row] = store.frame(con, ddl.query("upsample"), day=DAY).to_dicts()
    assert [m["content"] for m in row["messages"]] == ["Be brief.", PAINTED]
    assert row["as_logged"][-1]["content"] == ASKED
    [example] = store.select(cfg.warehouse, ddl.query("pool_answers"), wanted="a-0").to_dicts()
    assert (example["prompt"], example["answer"]) == (PAINTED, TWO)
