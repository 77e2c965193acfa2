"""A defective answer is asked for once more, with the defect named; both versions are kept."""

from datetime import date, datetime

import pytest

from schemas import contracts, ddl
from schemas.batch import Batch
from schemas.conversation import text_message
from schemas.run import Run
from schemas.settings import CapSettings, CheckSettings
from tasks.adapters import store
from tasks.check import check

DAY = date(2026, 3, 2)
ASKED = "Give me three tips for frying an egg."
TWO, THREE = "1. Hot pan.\n2. Salt.", "1. Hot pan.\n2. Salt.\n3. Low heat."
NAMED = "3 items were asked for; the answer has 2"


@pytest.fixture
def day_of(cfg):
    """Write a day of answers: day_of({id: answer}), all to ASKED; return the settings' store."""

    def write(answers):
        rows = [_row(id_, said) for id_, said in answers.items()]
        with store.writing(cfg.warehouse) as con:
            for table, origin in (("prompts", "log"), ("answers", "model")):
                columns = contracts.schema(table)
                named = [row | {"origin": origin} for row in rows]
                made = [{name: row.get(name) for name in columns} for row in named]
                store.replace(con, table, DAY, contracts.frame(table, made))

    return write


def _row(id_, said):
    return {
        "day": DAY,
        "prompt_id": id_,
        "answer_id": f"{id_}-0",
        "chat_id": id_,
        "turn": 0,
        "sample": 0,
        "started_at": datetime(2026, 3, 2),
        "language": "en",
        "messages": [text_message("user", ASKED)],
        "prompt": ASKED,
        "traits": [],
        "rule_hits": [],
        "area": "qa",
        "kind": "how_to",
        "answer": said,
        "finish_reason": "stop",
        "template_version": "t",
        "few_shot_ids": [],
        "call_key": "k",
        "input_hash": 1,
    }


@pytest.fixture
def checked(cfg):
    """Run the stage: checked(llm, **other settings) returns its rows and its ledger row."""

    def run(llm=None, **changed):
        mine = cfg.model_copy(update=({"llm": llm} if llm else {}) | changed)
        check.fn(Batch(warehouse=cfg.warehouse, table="answers", day=DAY, rows=0), Run(cfg=mine))
        rows = store.select(cfg.warehouse, "FROM checked_answers ORDER BY answer_id, version")
        done = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'check'").to_dicts()[0]
        return rows.to_dicts(), done

    return run


def versions(rows):
    return [(row["answer_id"], row["version"], row["answer"], row["defects"]) for row in rows]


def test_a_defective_answer_is_asked_for_again_with_its_defect_named(
    day_of, checked, model_says, cfg
):
    llm, bodies = model_says(lambda _body: THREE)
    day_of({"bad": TWO, "good": THREE})
    rows, done = checked(llm)
    assert versions(rows) == [
        ("bad-0", 0, TWO, ["count_missed"]),
        ("bad-0", 1, THREE, []),
        ("good-0", 0, THREE, []),
    ]
    [body] = bodies
    *conversation, bad, asked = body["messages"]
    assert conversation[-1]["content"] == ASKED
    assert (bad["role"], bad["content"], asked["role"]) == ("assistant", TWO, "user")
    assert NAMED in asked["content"]
    [call] = store.select(cfg.warehouse, "FROM llm_calls").to_dicts()
    assert (call["purpose"], call["call_key"]) == ("repair", rows[1]["call_key"])
    assert (done["rows_in"], done["kept"], done["dropped"], done["pending"]) == (2, 2, 0, 0)


def test_the_repaired_version_goes_on_and_no_unit_is_lost(day_of, checked, model_says, cfg):
    llm, _ = model_says(lambda _body: THREE)
    day_of({"bad": TWO})
    checked(llm)
    with store.reading(cfg.warehouse) as con:
        handed_on = store.frame(con, ddl.query("dedupe_answers"), day=DAY)
    assert handed_on.select("answer_id", "version", "answer").rows() == [("bad-0", 1, THREE)]
    assert store.select(cfg.warehouse, "FROM conservation WHERE stage = 'check'").is_empty()
    assert store.select(cfg.warehouse, "FROM drops WHERE stage = 'check'").is_empty()
    funnel = store.select(cfg.warehouse, "FROM funnel WHERE stage = 'check'").to_dicts()[0]
    assert (funnel["rows_in"], funnel["kept"], funnel["dropped"]) == (1, 1, 0)
    journey = store.select(cfg.warehouse, "FROM journey WHERE stage = 'check' ORDER BY detail")
    assert journey["decision"].to_list() == ["to repair", "repaired"]


def test_a_repair_with_a_defect_of_its_own_is_dropped_for_that(day_of, checked, model_says, cfg):
    llm, bodies = model_says(lambda _body: "1. I am ChatGPT.\n2. Salt.\n3. Low heat.")
    day_of({"bad": TWO})
    rows, done = checked(llm)
    assert versions(rows)[1][3] == ["identity_leak"]
    assert (done["kept"], done["dropped"]) == (0, 1)
    drops = store.select(cfg.warehouse, "SELECT reason FROM drops WHERE stage = 'check'")
    assert drops["reason"].to_list() == ["identity_leak"]
    assert len(bodies) == 1


def test_thoughts_of_a_repair_are_no_part_of_it(day_of, checked, model_says):
    llm, _ = model_says(lambda _body: f"<think>Three, then.</think>\n{THREE}")
    day_of({"bad": TWO})
    rows, _ = checked(llm)
    assert versions(rows)[1][2:] == (THREE, [])


@pytest.mark.parametrize(
    ("said", "changed"),
    [
        ("I'm sorry, but I can't help with that.", {}),
        (TWO, {"check": CheckSettings(repair=False)}),
    ],
)
def test_refusals_and_what_the_settings_say_are_not_repaired(
    day_of, checked, model_says, said, changed
):
    llm, bodies = model_says(lambda _body: THREE)
    day_of({"bad": said})
    rows, done = checked(llm, **changed)
    assert (len(rows), done["dropped"], bodies) == (1, 1, [])


def test_without_a_model_defects_are_found_all_the_same(day_of, checked):
    day_of({"bad": TWO})
    rows, done = checked()
    assert versions(rows) == [("bad-0", 0, TWO, ["count_missed"])]
    assert (done["status"], done["dropped"]) == ("complete", 1)


def test_a_repair_that_the_server_refuses_for_good_leaves_the_first_version(
    day_of, checked, model_says
):
    llm, _ = model_says(lambda _body: (400, "no"))
    day_of({"bad": TWO})
    rows, done = checked(llm)
    assert versions(rows) == [("bad-0", 0, TWO, ["count_missed"])]
    assert (done["dropped"], done["pending"]) == (1, 0)


def test_a_repair_under_a_cap_is_pending_and_bought_once(day_of, checked, model_says, cfg):
    llm, bodies = model_says(lambda _body: THREE)
    day_of({"a": TWO, "good": THREE})
    rows, done = checked(llm, caps=CapSettings(max_calls=0))
    assert [row["answer_id"] for row in rows] == ["good-0"]
    assert (done["rows_in"], done["kept"], done["pending"]) == (2, 1, 1)
    assert done["status"] == "partial"
    assert store.select(cfg.warehouse, "FROM conservation WHERE stage = 'check'").is_empty()
    for _ in range(2):
        rows, done = checked(llm)
    assert versions(rows)[:2] == [("a-0", 0, TWO, ["count_missed"]), ("a-0", 1, THREE, [])]
    assert (done["status"], done["pending"], len(bodies)) == ("complete", 0, 1)
