from datetime import date, datetime

import polars as pl
import pytest

from schemas import contracts
from schemas.answer_settings import AnswerSettings
from schemas.batch import Batch
from schemas.errors import ModelError, StageFailed
from schemas.run import Run
from schemas.settings import CapSettings, FlywheelSettings
from schemas.task_types import load
from tasks.adapters import store
from tasks.answer import answer, answer_prompts
from tasks.answering.request import request
from tasks.answering.style import Styles
from tasks.templates import template

DAY = date(2026, 3, 2)
TYPES = load()
USUAL = Styles(FlywheelSettings(), TYPES).of("qa", "how_to")


def message(role, content, tool_calls=None):
    unset = dict.fromkeys(("parts", "name", "tool_call_id"))
    return {"role": role, "content": content, **unset, "tool_calls": tool_calls}


def prompt(id_, text, kind="qa/how_to"):
    area, kind = kind.split("/")
    given = {"prompt_id": id_, "day": DAY, "area": area, "kind": kind}
    return given | {"messages": [message("user", text)], "input_hash": 1}


def answered(cfg, *prompts, llm=None, **settings):
    """Buy answers; return the outcome and its rows by id."""
    given = cfg.model_copy(update={"llm": llm or cfg.llm, **settings})
    frame = pl.DataFrame(prompts, schema_overrides={"input_hash": pl.UInt64})
    outcome = answer_prompts(frame, TYPES, cfg.warehouse, Run(cfg=given))
    return outcome, {row["answer_id"]: row for row in outcome.rows.to_dicts()}


def sent(*messages):
    return [(m["role"], m["content"]) for m in request(list(messages), USUAL, 0).messages]


def test_template_goes_by_the_answer_style_of_the_task_type_and_by_what_reasoning_helps(
    cfg, model_says
):
    llm, bodies = model_says(lambda _body: "fine")
    names = {
        "maths/arithmetic": "answer_short_think.v1",
        "reasoning/puzzle": "answer_long_think.v1",
        "reasoning/sorting": "answer_short.v1",
        "qa/how_to": "answer_long.v1",
        "unknown/unknown": "answer_long.v1",
        "gone/gone": "answer_long.v1",
    }
    _, rows = answered(cfg, *(prompt(kind, kind, kind) for kind in names), llm=llm)
    assert {row["prompt_id"]: row["template_version"] for row in rows.values()} == names
    system = {body["messages"][-1]["content"]: body["messages"][0]["content"] for body in bodies}
    assert system == {kind: template(name) for kind, name in names.items()}


def test_logged_system_prompts_follow_the_template_in_one_message():
    said = sent(
        message("system", "You sell tea."), message("system", "Be brief."), message("user", "Hi")
    )
    assert said == [
        ("system", f"{template('answer_long.v1')}\n\nYou sell tea.\n\nBe brief."),
        ("user", "Hi"),
    ]


def test_turns_of_tools_become_text():
    call = '[{"name":"weather"}]'
    said = sent(
        message("user", "Weather?"),
        message("assistant", "", call),
        message("tool", "4 degrees"),
        message("assistant", "Cold."),
        message("user", "And in Rome?"),
    )
    assert said[1:] == [
        ("user", "Weather?"),
        ("assistant", call),
        ("user", "4 degrees"),
        ("assistant", "Cold."),
        ("user", "And in Rome?"),
    ]


REASONED = {
    "none": ("Six minutes.", ("Six minutes.", None)),
    "tag": ("<think>Eggs.</think>\nSix minutes.", ("Six minutes.", "Eggs.")),
    "field": ({"content": "Six.", "reasoning_content": "Eggs."}, ("Six.", "Eggs.")),
    "both": (
        {"content": "<think>More.</think>Six.", "reasoning": "Eggs."},
        ("Six.", "Eggs.\n\nMore."),
    ),
    "nothing": ({"content": None}, ("", None)),
}


def test_reasoning_goes_into_its_own_column(cfg, model_says):
    llm, _ = model_says(lambda body: REASONED[body["messages"][-1]["content"]][0])
    _, rows = answered(cfg, *(prompt(name, name) for name in REASONED), llm=llm)
    found = {row["prompt_id"]: (row["answer"], row["reasoning"]) for row in rows.values()}
    assert found == {name: expected for name, (_, expected) in REASONED.items()}


def test_steps_that_the_prompt_asked_for_are_the_answer(cfg, model_says):
    worked = "Let me think.\n\n6 * 7 = 42\n\nAnswer: 42"
    llm, _ = model_says(lambda _body: worked)
    asked = prompt("shown", "6 * 7? Show your work."), prompt("bare", "6 * 7?")
    _, rows = answered(cfg, *asked, llm=llm)
    found = {row["prompt_id"]: row["answer"] for row in rows.values()}
    assert found == {"shown": worked, "bare": "42"}


def test_refused_call_is_failed_with_its_reason_and_no_answer(cfg, model_says):
    llm, _ = model_says(lambda _body: (400, "too long"))
    outcome, rows = answered(cfg, prompt("a", "Eggs?"), llm=llm)
    assert (rows["a-0"]["answer"], rows["a-0"]["failed"]) == (None, "HTTP 400: too long")
    assert outcome.pending == 0


def test_answer_says_what_it_cost_also_from_the_store(cfg, model_says):
    llm, bodies = model_says(lambda _body: "Six minutes.")
    for _ in range(2):
        _, rows = answered(cfg, prompt("a", "Eggs?"), llm=llm)
        assert rows["a-0"]["cost_usd"] == pytest.approx(1.0 * 1 + 2.0 * 2)  # 1M in, 2M out
        assert (rows["a-0"]["model"], rows["a-0"]["finish_reason"]) == ("strong-1", "stop")
    assert len(bodies) == 1


def test_every_sample_is_a_call_of_its_own(cfg, model_says):
    llm, bodies = model_says(lambda _body: "Six minutes.")
    _, rows = answered(cfg, prompt("a", "Eggs?"), llm=llm, answer=AnswerSettings(samples=3))
    assert sorted(rows) == ["a-0", "a-1", "a-2"]
    assert len({row["call_key"] for row in rows.values()}) == len(bodies) == 3


def test_without_a_model_the_error_says_what_to_set(cfg):
    with pytest.raises(
        ModelError, match=r"no strong model is set\. Set \[llm\] base_url and model"
    ):
        answered(cfg, prompt("a", "Eggs?"))


def test_day_without_prompts_needs_no_model(cfg):
    frame = pl.DataFrame([prompt("a", "Eggs?")]).clear()
    assert answer_prompts(frame, TYPES, cfg.warehouse, Run(cfg=cfg)).rows.is_empty()


def put_unique(cfg, *prompts):
    """Write the prompts that answer reads."""
    fixed = {"turn": 0, "started_at": datetime(2026, 3, 2), "user_key": None, "language": "en"}
    fixed |= {"traits": [], "origin": "log", "rule_hits": [], "drop_reason": None}
    blank = dict.fromkeys(("duplicate_of", "template_of", "jaccard", "drop_reason"))
    kinds = ("area", "kind")
    logged = [
        {name: value for name, value in row.items() if name not in kinds}
        | {"chat_id": row["prompt_id"], "prompt": row["messages"][-1]["content"], **fixed}
        for row in prompts
    ]
    unique = [
        {name: value for name, value in row.items() if name != "messages"} | blank
        for row in prompts
    ]
    with store.writing(cfg.warehouse) as con:
        store.replace(con, "prompts", DAY, contracts.frame("prompts", logged))
        store.replace(con, "unique_prompts", DAY, contracts.frame("unique_prompts", unique))
    return Batch(warehouse=cfg.warehouse, table="unique_prompts", day=DAY, rows=len(prompts))


def state(cfg):
    (run,) = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'answer'").to_dicts()
    return run["status"], run["kept"], run["dropped"], run["pending"]


def test_cap_leaves_a_partial_day_that_the_next_run_completes(cfg, model_says):
    llm, bodies = model_says(lambda body: "No" if "p1" in str(body) else "Six minutes.")
    cfg = cfg.model_copy(update={"llm": llm, "caps": CapSettings(max_calls=3)})
    batch = put_unique(cfg, *(prompt(f"p{n}", f"Eggs, p{n}?") for n in range(5)))
    answer.fn(batch, Run(cfg=cfg))
    assert state(cfg) == ("partial", 3, 0, 2)
    assert store.select(cfg.warehouse, "FROM conservation WHERE stage = 'answer'").is_empty()
    answer.fn(batch, Run(cfg=cfg))
    assert state(cfg) == ("complete", 5, 0, 0)
    assert len(bodies) == 5
    before = store.select(cfg.warehouse, "FROM answers ORDER BY answer_id").to_dicts()
    answer.fn(batch, Run(cfg=cfg, restage=frozenset({"answer"})))
    assert store.select(cfg.warehouse, "FROM answers ORDER BY answer_id").to_dicts() == before
    assert len(bodies) == 5


def test_sample_that_a_cap_left_out_is_bought_though_settings_have_changed(cfg, model_says):
    llm, bodies = model_says(lambda _body: "Six minutes.")
    two = {"llm": llm, "answer": AnswerSettings(samples=2)}
    capped = cfg.model_copy(update={**two, "caps": CapSettings(max_calls=3)})
    batch = put_unique(cfg, *(prompt(f"p{n}", f"Eggs, p{n}?") for n in range(2)))
    answer.fn(batch, Run(cfg=capped))
    assert state(cfg) == ("partial", 3, 0, 1)
    warm = {**two, "answer": AnswerSettings(samples=2, temperature=0.9)}
    answer.fn(batch, Run(cfg=cfg.model_copy(update=warm)))
    assert state(cfg) == ("complete", 4, 0, 0)
    temperatures = [body["temperature"] for body in bodies]
    assert (temperatures.count(0.2), temperatures.count(0.9)) == (3, 2)


def test_failed_answers_count_as_dropped_and_a_stop_leaves_the_day_as_it_was(cfg, model_says):
    llm, _ = model_says(lambda _body: (400, "too long"))
    taught = cfg.model_copy(update={"llm": llm})
    batch = put_unique(cfg, prompt("a", "Eggs?"))
    answer.fn(batch, Run(cfg=taught))
    assert state(cfg) == ("complete", 0, 1, 0)
    before = store.select(cfg.warehouse, "FROM answers").to_dicts()
    with pytest.raises(
        StageFailed, match=r"answer stopped on 2026-03-02: .*\[llm\].*flywheel run --day 2026-03-02"
    ):
        answer.fn(batch, Run(cfg=cfg, restage=frozenset({"answer"})))
    assert store.select(cfg.warehouse, "FROM answers").to_dicts() == before
    assert state(cfg)[0] == "failed"
