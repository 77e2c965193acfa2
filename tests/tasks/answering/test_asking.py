"""What is sent for the prompts of a day, to whom, and what a second run buys."""

import pytest

from schemas.answer_settings import AnswerSettings, KindSettings
from schemas.errors import SettingsError, StageFailed
from schemas.model_settings import EndpointSettings
from schemas.run import Run
from schemas.settings import CapSettings
from tasks.adapters import store
from tasks.answer import answer, unanswered
from tasks.answering.preview import previews
from tasks.answering.style import styles_of
from tasks.pool import versions
from tasks.stage import Work

EGGS = ("p1", "How do I boil an egg?", "qa/how_to")
SUM = ("p2", "What is 20 + 22?", "maths/arithmetic")
RICE = ("p3", "How do I cook rice?", "qa/how_to")
PAIRS = [(f"How do I cook dish number {n}?", f"Slowly, {n} minutes.") for n in range(6)]


def with_answer(cfg, llm, **settings):
    return cfg.model_copy(update={"llm": llm, "answer": AnswerSettings(**settings)})


def last(body):
    return body["messages"][-1]["content"]


def test_what_a_task_type_sets_reaches_its_requests_and_no_others(cfg, day_of, answers, model_says):
    llm, bodies = model_says(lambda _body: "fine")
    sums = KindSettings(temperature=0.0, max_tokens=7, top_p=0.5, samples=2, reasoning=False)
    cfg = with_answer(cfg, llm, kinds={"maths/*": sums}, temperature=0.4)
    rows = answers(cfg, day_of(cfg, EGGS, SUM))
    assert sorted(rows) == ["p1-0", "p2-0", "p2-1"]
    assert rows["p2-0"]["template_version"] == "answer_short.v1"
    sent = sorted(
        (last(body), {k: v for k, v in body.items() if k != "messages"}) for body in bodies[:]
    )
    usual = {"model": "strong-1", "temperature": 0.4, "max_tokens": 1024}
    own = {"model": "strong-1", "temperature": 0.0, "max_tokens": 7, "top_p": 0.5}
    assert sent == [(EGGS[1], usual), (SUM[1], own), (SUM[1], own)]


def test_examples_go_between_the_system_message_and_the_conversation(
    cfg, day_of, answers, model_says, add_examples
):
    llm, bodies = model_says(lambda _body: "fine")
    cfg = with_answer(cfg, llm, few_shot=2)
    add_examples(cfg, *PAIRS)
    rows = answers(cfg, day_of(cfg, EGGS, SUM))
    (eggs,) = [body["messages"] for body in bodies if last(body) == EGGS[1]]
    (total,) = [body["messages"] for body in bodies if last(body) == SUM[1]]
    assert [m["role"] for m in eggs] == ["system", *(["user", "assistant"] * 2), "user"]
    shown = [(eggs[n]["content"], eggs[n + 1]["content"]) for n in (1, 3)]
    assert set(shown) < set(PAIRS)
    assert rows["p1-0"]["few_shot_ids"] == [f"e-{prompt}" for prompt, _ in shown]
    assert [m["role"] for m in total] == ["system", "user"]  # the pool has no example of its kind
    assert [rows[id_]["pool_version"] for id_ in ("p1-0", "p2-0")] == [1, 1]


def test_examples_are_of_the_language_that_the_prompt_is_in(
    cfg, day_of, answers, model_says, add_examples
):
    llm, _ = model_says(lambda _body: "fine")
    cfg = with_answer(cfg, llm, few_shot=1)
    add_examples(cfg, *PAIRS, ("怎么在家里煮一锅好吃的米饭?", "小火慢煮。"))
    rows = answers(cfg, day_of(cfg, EGGS, RICE, language="zh"))
    assert {tuple(row["few_shot_ids"]) for row in rows.values()} == {
        ("e-怎么在家里煮一锅好吃的米饭?",)
    }


def test_an_example_thinks_first_only_where_the_model_is_to(
    cfg, day_of, answers, model_says, add_examples
):
    llm, bodies = model_says(lambda _body: "fine")
    add_examples(cfg, ("How do I fry an egg?", "<think>Hot.</think>Six."))
    batch = day_of(cfg, EGGS)
    for reasoning in (True, False):
        answers(with_answer(cfg, llm, few_shot=1, reasoning=reasoning), batch, "answer")
    shown = [body["messages"][2]["content"] for body in bodies]
    assert shown == ["<think>Hot.</think>Six.", "Six."]


def test_without_a_pool_prompts_are_asked_without_examples(cfg, day_of, answers, model_says):
    llm, bodies = model_says(lambda _body: "fine")
    rows = answers(with_answer(cfg, llm, few_shot=3), day_of(cfg, EGGS))
    assert len(bodies[0]["messages"]) == 2
    assert (rows["p1-0"]["few_shot_ids"], rows["p1-0"]["pool_version"]) == ([], None)


def test_a_new_pool_version_changes_no_old_row_and_buys_nothing(
    cfg, day_of, answers, model_says, add_examples
):
    llm, bodies = model_says(lambda _body: "fine")
    cfg = with_answer(cfg, llm, few_shot=2)
    add_examples(cfg, *PAIRS)
    batch = day_of(cfg, EGGS, SUM)
    before = answers(cfg, batch)
    assert answers(cfg, batch, "answer") == before  # twice is once
    add_examples(cfg, *((f"How do I bake cake {n}?", "Hot.") for n in range(20)))
    add_examples(cfg, ("What is 1 + 2?", "3"), kind="maths/arithmetic")
    versions.remove(cfg, before["p1-0"]["few_shot_ids"])
    assert answers(cfg, batch, "answer") == before
    assert len(bodies) == 2
    after = answers(cfg, day_of(cfg, EGGS, SUM, RICE), "answer")
    assert {id_: after[id_] for id_ in before} == before
    assert after["p3-0"]["pool_version"] == 4  # a new prompt sees the latest
    assert not set(after["p3-0"]["few_shot_ids"]) & set(before["p1-0"]["few_shot_ids"])
    assert len(bodies) == 3


def test_a_prompt_asked_without_a_pool_sees_one_when_it_is_restaged(
    cfg, day_of, answers, model_says, add_examples
):
    llm, _ = model_says(lambda _body: "fine")
    batch = day_of(cfg, EGGS)
    answers(with_answer(cfg, llm), batch)
    add_examples(cfg, *PAIRS)
    rows = answers(with_answer(cfg, llm, few_shot=1), batch, "answer")
    assert rows["p1-0"]["pool_version"] == 1


def at(llm, **changes):
    """Return the endpoint of another model."""
    return EndpointSettings(base_url=llm.base_url, model="small-1", max_attempts=1, **changes)


def test_a_task_type_with_an_endpoint_of_its_own_is_asked_there(cfg, day_of, answers, model_says):
    big, at_big = model_says(lambda _body: "big")
    small, at_small = model_says(lambda _body: "small")
    llm = big.model_copy(update={"endpoints": {"small": at(small)}})
    cfg = with_answer(cfg, llm, kinds={"maths/arithmetic": KindSettings(endpoint="small")})
    rows = answers(cfg, day_of(cfg, EGGS, SUM, RICE))
    assert {id_: row["answer"] for id_, row in rows.items()} == {
        "p1-0": "big",
        "p2-0": "small",
        "p3-0": "big",
    }
    assert [body["model"] for body in at_small] == ["small-1"]
    assert len(at_big) == 2
    bought = "SELECT endpoint, count(*) FROM llm_calls GROUP BY ALL ORDER BY ALL"
    assert store.select(cfg.warehouse, bought).rows() == [("small-1", 1), ("strong-1", 2)]


def test_no_strong_model_is_needed_where_every_prompt_has_an_endpoint(
    cfg, day_of, answers, model_says
):
    small, _ = model_says(lambda _body: "small")
    llm = cfg.llm.model_copy(update={"endpoints": {"small": at(small)}})
    rows = answers(with_answer(cfg, llm, endpoint="small"), day_of(cfg, EGGS))
    assert rows["p1-0"]["answer"] == "small"


def test_an_endpoint_that_is_not_set_stops_the_stage_before_others_are_paid(
    cfg, day_of, model_says
):
    big, bodies = model_says(lambda _body: "big")
    llm = big.model_copy(update={"endpoints": {"small": EndpointSettings(base_url="")}})
    cfg = with_answer(cfg, llm, kinds={"maths/*": KindSettings(endpoint="small")})
    with pytest.raises(StageFailed, match=r"Set \[llm\.endpoints\.small\] base_url and model"):
        answer.fn(day_of(cfg, EGGS, SUM), Run(cfg=cfg))
    assert bodies == []


def test_an_endpoint_for_vectors_is_not_asked_for_answers(cfg, day_of, model_says):
    big, bodies = model_says(lambda _body: "big")
    vectors = EndpointSettings(base_url=big.base_url, model="words-1", api="embeddings")
    llm = big.model_copy(update={"endpoints": {"small": vectors}})
    cfg = with_answer(cfg, llm, kinds={"maths/*": KindSettings(endpoint="small")})
    with pytest.raises(StageFailed, match=r'\[llm\.endpoints\.small\] has api = "embeddings"'):
        answer.fn(day_of(cfg, EGGS, SUM), Run(cfg=cfg))
    assert bodies == []


def test_a_cap_in_usd_asks_for_the_price_of_every_endpoint_before_others_are_paid(
    cfg, day_of, model_says
):
    big, bodies = model_says(lambda _body: "big")
    llm = big.model_copy(update={"endpoints": {"small": at(big)}})
    cfg = with_answer(cfg, llm, kinds={"maths/*": KindSettings(endpoint="small")})
    cfg = cfg.model_copy(update={"caps": CapSettings(max_usd=100.0)})
    with pytest.raises(StageFailed, match=r"price of 'small-1'.*\[llm\.endpoints\]"):
        answer.fn(day_of(cfg, EGGS, SUM), Run(cfg=cfg))
    assert bodies == []


def test_caps_hold_over_all_endpoints_of_a_run_and_the_next_one_goes_on(
    cfg, day_of, answers, model_says
):
    big, at_big = model_says(lambda _body: "big")
    small, at_small = model_says(lambda _body: "small")
    llm = big.model_copy(update={"endpoints": {"small": at(small)}})
    cfg = with_answer(cfg, llm, kinds={"maths/*": KindSettings(endpoint="small", samples=2)})
    capped = cfg.model_copy(update={"caps": CapSettings(max_calls=3)})
    batch = day_of(cfg, EGGS, SUM, RICE)
    rows = answers(capped, batch)
    assert (len(at_big), len(at_small), len(rows)) == (2, 1, 3)
    (run,) = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'answer'").to_dicts()
    assert (run["status"], run["pending"]) == ("partial", 1)
    assert "caps.max_calls = 3 is reached" in run["message"]
    assert sorted(answers(capped, batch)) == ["p1-0", "p2-0", "p2-1", "p3-0"]
    assert (len(at_big), len(at_small)) == (2, 2)


def test_an_endpoint_that_is_down_leaves_its_prompts_pending_and_no_others(
    cfg, day_of, answers, model_says
):
    big, _ = model_says(lambda _body: "big")
    gone = EndpointSettings(base_url="http://127.0.0.1:9/v1", model="small-1", max_attempts=1)
    llm = big.model_copy(update={"endpoints": {"small": gone}})
    cfg = with_answer(cfg, llm, kinds={"maths/*": KindSettings(endpoint="small")})
    assert sorted(answers(cfg, day_of(cfg, SUM, EGGS))) == ["p1-0"]
    (run,) = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'answer'").to_dicts()
    assert (run["status"], run["kept"], run["pending"]) == ("partial", 1, 1)


def test_a_task_type_with_fewer_samples_is_not_taken_for_one_that_a_cap_cut_short(
    cfg, day_of, answers, model_says
):
    llm, _ = model_says(lambda _body: "fine")
    cfg = with_answer(cfg, llm, kinds={"maths/*": KindSettings(samples=3)})
    answers(cfg, day_of(cfg, EGGS, RICE, SUM))
    carried = store.select(cfg.warehouse, "FROM answers")
    asked = carried.select("prompt_id", "input_hash").unique()
    cut = carried.filter(~carried["answer_id"].is_in(["p3-0"]))
    styles = styles_of(cfg)
    assert unanswered(Work(None, None, asked, carried), styles, Run(cfg=cfg)).is_empty()
    assert unanswered(Work(None, None, asked, cut), styles, Run(cfg=cfg))[
        "prompt_id"
    ].to_list() == ["p3"]


def test_settings_of_one_task_type_leave_the_rows_of_the_others_and_buy_them_not_again(
    cfg, day_of, answers, model_says
):
    llm, bodies = model_says(lambda _body: "fine")
    batch = day_of(cfg, EGGS, SUM)
    before = answers(with_answer(cfg, llm), batch)
    other = with_answer(cfg, llm, kinds={"maths/*": KindSettings(temperature=0.9)})
    assert answers(other, batch) == before  # settings reach no past day by themselves
    after = answers(other, batch, "answer")
    assert after["p1-0"] == before["p1-0"]
    assert after["p2-0"]["call_key"] != before["p2-0"]["call_key"]
    assert len(bodies) == 3


def test_a_preview_is_what_is_sent_and_sends_nothing(
    cfg, day_of, answers, model_says, add_examples
):
    big, at_big = model_says(lambda _body: "big")
    small, at_small = model_says(lambda _body: "small")
    llm = big.model_copy(update={"endpoints": {"small": at(small)}})
    sums = KindSettings(endpoint="small", samples=2, top_p=0.3)
    cfg = with_answer(cfg, llm, few_shot=2, kinds={"maths/*": sums})
    add_examples(cfg, *PAIRS)
    batch = day_of(cfg, EGGS, SUM)
    shown = {each[0]: [p.flat for p in previews(cfg, each[0])] for each in (EGGS, SUM)}
    assert (at_big, at_small) == ([], [])
    assert [each["bought"] for each in shown["p2"]] == [False, False]
    rows = answers(cfg, batch)
    assert [each["request"] for each in shown["p1"]] == at_big
    assert [each["request"] for each in shown["p2"]] == at_small
    for each in (*shown["p1"], *shown["p2"]):
        row = rows[f"{each['prompt_id']}-{each['sample']}"]
        kept = ("call_key", "pool_version", "few_shot_ids")
        assert {key: each[key] for key in kept} == {key: row[key] for key in kept}
        assert each["template"] == row["template_version"]
    assert {each["endpoint"] for each in shown["p2"]} == {"small"}
    add_examples(cfg, ("How do I bake?", "Hot."))
    again = [p.flat for p in previews(cfg, "p1")]
    assert again == [each | {"bought": True} for each in shown["p1"]]  # it keeps its version


def test_a_preview_needs_no_model_and_no_server(cfg, day_of):
    day_of(cfg, EGGS)
    (shown,) = [p.flat for p in previews(cfg, "p1")]
    assert shown["request"]["messages"][-1]["content"] == EGGS[1]
    assert (shown["base_url"], shown["request"]["model"]) == ("", "")


def test_an_unknown_name_stops_the_stage_in_one_line(cfg, day_of, model_says):
    llm, _ = model_says(lambda _body: "fine")
    cfg = with_answer(cfg, llm, kinds={"maths/nope": KindSettings()})
    with pytest.raises(StageFailed, match=r"no such task type\. The nearest is 'maths/"):
        answer.fn(day_of(cfg, EGGS), Run(cfg=cfg))
    cfg = with_answer(cfg, llm, endpoint="small")
    with pytest.raises(SettingsError, match="endpoint = 'small' names no"):
        answer.fn(day_of(cfg, EGGS), Run(cfg=cfg))
