"""Answers that users up-voted in production can stand in for the strong model's."""

import json
from datetime import date

import pytest

from schemas.answer_settings import AnswerSettings, KindSettings
from schemas.batch import Batch
from schemas.errors import StageFailed
from schemas.run import Run
from tasks import ledger
from tasks.adapters import store
from tasks.answer import answer
from tasks.answering.preview import previews
from tasks.check import check
from tasks.dedupe import dedupe_answers, dedupe_prompts
from tasks.estimate import estimate
from tasks.filter import filter_prompts
from tasks.pull import pull_new
from tasks.tag import tag

DAY, NEXT_DAY = date(2026, 3, 2), date(2026, 3, 3)
FRY, BOIL = "How do I fry an egg in a small pan?", "How do I boil rice without a cooker?"
HOT, SIMMER = "Heat the pan, add oil, break the egg.", "Simmer it in twice its water."
STAGES = (filter_prompts, tag, dedupe_prompts, answer, check, dedupe_answers)
NOTHING_ELSE = AnswerSettings(teacher="logged_only")
FIRST = AnswerSettings(teacher="logged")


def chat(id_, *turns, **extra):
    """Return a log record: turns are users' and the assistant's in turn."""
    roles = ("user", "assistant")
    said = [{"role": roles[n % 2], "content": text} for n, text in enumerate(turns)]
    at = "2026-03-02T10:00:00Z"
    return {"id": id_, "timestamp": at, "model": "served-1", "messages": said, **extra}


def vote(id_, value="up", **extra):
    return {"target_id": id_, "feedback": value, "timestamp": "2026-03-05T10:00:00Z", **extra}


class Flywheel:
    """A store with its logs; `run` pulls them and runs the stages of the day up to `answer`."""

    def __init__(self, cfg):
        self.cfg = cfg.model_copy(
            update={"tag": cfg.tag.model_copy(update={"use_model": False}), "answer": FIRST}
        )

    def set(self, **changed):
        self.cfg = self.cfg.model_copy(update=changed)

    def log(self, *records, name="a.jsonl"):
        with (self.cfg.root / "logs" / name).open("a") as file:
            file.writelines(json.dumps(record) + "\n" for record in records)

    def run(self, *restage, stages=STAGES[:4]):
        run = Run(cfg=self.cfg, restage=frozenset(restage))
        pull_new(run)
        batch = Batch(warehouse=self.cfg.warehouse, table="chats", day=DAY, rows=0)
        for stage in stages:
            batch = stage.fn(batch, run)
        return self.answers()

    def run_next_day(self):
        batch = Batch(warehouse=self.cfg.warehouse, table="chats", day=NEXT_DAY, rows=0)
        for stage in STAGES[:4]:
            batch = stage.fn(batch, Run(cfg=self.cfg))

    def answers(self):
        rows = self.table("answers a JOIN prompts p USING (day, prompt_id)")
        assert self.table("conservation") == []
        return {row["prompt"]: row for row in rows}

    def table(self, name):
        return store.select(self.cfg.warehouse, f"FROM {name}").to_dicts()


@pytest.fixture
def flywheel(cfg):
    return Flywheel(cfg)


def given(answers):
    """Return the answer and the origin for each prompt."""
    return {prompt: (row["answer"], row["origin"]) for prompt, row in answers.items()}


def test_an_up_voted_answer_is_taken_and_the_model_is_asked_for_the_others(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL, SIMMER), vote("b", "down"))
    rows = flywheel.run()
    assert given(rows) == {FRY: (HOT, "logged"), BOIL: ("From the model.", "model")}
    assert [body["messages"][-1]["content"] for body in bodies] == [BOIL]


def test_what_is_taken_says_who_answered_and_costs_nothing(flywheel):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(chat("a", FRY, HOT), vote("a"))
    row = flywheel.run(stages=STAGES)[FRY]
    assert (row["model"], row["cost_usd"], row["sample"]) == ("served-1", 0.0, 0)
    assert (row["call_key"], row["template_version"], row["finish_reason"]) == (None, None, None)
    assert flywheel.table("unique_answers")[0]["answer"] == HOT


def test_without_another_teacher_the_rest_says_that_nobody_voted(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm, answer=NOTHING_ELSE)
    flywheel.log(chat("a", FRY, HOT), chat("b", BOIL))
    rows = flywheel.run()
    assert {row["failed"] for row in rows.values()} == {"no up-voted answer in the log"}
    assert bodies == []


@pytest.mark.slow
def test_where_the_rest_needs_a_model_and_none_is_set_the_error_says_so(flywheel):
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL))
    with pytest.raises(StageFailed, match=r"no strong model is set.*teacher = \"logged_only\""):
        flywheel.run()


@pytest.mark.slow
def test_each_task_type_has_its_own_teacher(flywheel, model_says):
    llm, _ = model_says(lambda _body: "From the model.")
    kinds = {"qa/how_to": KindSettings(teacher="logged")}
    flywheel.set(llm=llm, answer=AnswerSettings(kinds=kinds))
    sum_ = "What is 17 * 24 + 3? Work it out."
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", sum_, "411"), vote("b"))
    origins = {prompt: row["origin"] for prompt, row in flywheel.run().items()}
    assert origins == {FRY: "logged", sum_: "model"}


def test_a_logged_answer_stands_for_all_samples(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm, answer=AnswerSettings(teacher="logged", samples=3))
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL))
    flywheel.run()
    assert sorted(row["origin"] for row in flywheel.table("answers")) == ["logged"] + ["model"] * 3
    flywheel.set(caps=flywheel.cfg.caps.model_copy(update={"max_calls": 3}))
    flywheel.run("answer")
    assert len(bodies) == 3


def test_a_vote_on_a_turn_is_for_its_answer_and_one_on_the_chat_for_the_last(flywheel):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(
        *(chat("a", FRY, HOT, BOIL, SIMMER), vote("a")),
        *(chat("b", f"{FRY} In oil?", "Yes.", f"{BOIL} In milk?", "No."), vote("b", turn=0)),
        *(chat("c", "Which tea is the mildest?", "Green tea.", "And coffee?", "A pale roast."),),
        *(vote("c"), vote("c", "down", turn=1)),
    )
    taken = {prompt for prompt, row in flywheel.run().items() if row["answer"]}
    assert taken == {BOIL, f"{FRY} In oil?"}


def test_a_vote_on_a_prompt_that_is_dropped_stays_with_the_kept_one(flywheel):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(
        chat("a", FRY, "Try a pan."),
        chat("b", f" {FRY}", HOT, timestamp="2026-03-02T11:00:00Z"),
        chat("c", FRY, "Never liked.", timestamp="2026-03-02T12:00:00Z"),
        *(vote(id_, value) for id_, value in (("a", "down"), ("b", "up"), ("c", "down"))),
    )
    answers = flywheel.run()
    assert given(answers) == {FRY: (HOT, "logged")}
    ids = {row["source_id"]: row["chat_id"] for row in flywheel.table("chats")}
    assert (answers[FRY]["prompt_id"], answers[FRY]["logged_for"]) == (
        f"{ids['a']}-0",
        f"{ids['b']}-0",
    )
    flywheel.log(vote("a", timestamp="2026-03-06T10:00:00Z"))
    assert given(flywheel.run()) == {FRY: ("Try a pan.", "logged")}  # its own comes first


def a_day_later_a_twin_is_liked(flywheel):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(chat("a", FRY, "Try a pan."))
    flywheel.log(chat("b", FRY, HOT, timestamp="2026-03-03T10:00:00Z"), vote("b"))
    flywheel.run()
    flywheel.run_next_day()


def test_a_vote_on_a_later_day_reaches_the_kept_prompt_and_leaves_with_its_chat(flywheel):
    """The kept prompt's day shows at the next pull that its answer goes by other votes."""
    a_day_later_a_twin_is_liked(flywheel)
    assert given(flywheel.run()) == {FRY: (HOT, "logged")}
    flywheel.log(chat("b", FRY, SIMMER, timestamp="2026-03-03T10:00:00Z"))
    assert given(flywheel.run()) == {FRY: (HOT, "logged")}  # whom b repeats is not known yet
    flywheel.run_next_day()
    assert given(flywheel.run()) == {FRY: (SIMMER, "logged")}
    flywheel.log(vote("b", "down", timestamp="2026-03-06T10:00:00Z"))
    assert [row["answer"] for row in flywheel.run().values()] == [None]


def test_a_prompt_that_changed_takes_no_answer_of_the_prompt_that_repeated_it(flywheel):
    a_day_later_a_twin_is_liked(flywheel)
    flywheel.run()
    flywheel.log(chat("a", BOIL, "Try a pot.", updated_at="2026-03-02T10:05:00Z"))
    assert given(flywheel.run()) == {BOIL: (None, "logged")}


@pytest.mark.parametrize(("before", "taken"), [(SIMMER, HOT), ("Steam it.", None)])
def test_an_answer_is_taken_from_a_twin_only_after_the_same_replies(flywheel, before, taken):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(chat("a", BOIL, SIMMER, FRY, "Try a pan."), vote("b"))
    flywheel.log(chat("b", BOIL, before, FRY, HOT, timestamp="2026-03-02T11:00:00Z"))
    answers = flywheel.run()
    assert (answers[FRY]["answer"], answers[BOIL]["answer"]) == (taken, None)


def test_answers_that_drew_on_a_tool_or_are_several_or_none_are_not_taken(flywheel):
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    tool = [{"role": "assistant", "content": "", "tool_calls": [call]}]
    tool += [{"role": "tool", "content": "4", "tool_call_id": "1"}]
    tool += [{"role": "assistant", "content": "It is four degrees."}]
    twice = [{"role": "assistant", "content": "Hm."}, {"role": "assistant", "content": SIMMER}]
    user = {"role": "user", "content": FRY}
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(
        *(chat("a") | {"messages": [user, *tool]}, vote("a")),
        *(chat("b", BOIL) | {"messages": [user | {"content": BOIL}, *twice]}, vote("b")),
        *(chat("c", "Which tea is the mildest?"), vote("c")),
    )
    assert {row["answer"] for row in flywheel.run().values()} == {None}


def test_a_logged_answer_is_checked_like_any_other(flywheel):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(chat("a", FRY, "I'm ChatGPT, made by OpenAI. Heat the pan first."), vote("a"))
    flywheel.log(chat("b", BOIL, f"<think>Rice, then.</think>{SIMMER}"), vote("b"))
    rows = flywheel.run(stages=STAGES)
    assert (rows[BOIL]["answer"], rows[BOIL]["reasoning"]) == (SIMMER, "Rice, then.")
    checked = {row["answer_id"]: row["defects"] for row in flywheel.table("checked_answers")}
    assert checked[rows[FRY]["answer_id"]] == ["identity_leak"]
    assert checked[rows[BOIL]["answer_id"]] == []


@pytest.mark.slow
def test_a_repair_is_asked_of_the_model_unless_the_log_alone_may_answer(flywheel, model_says):
    llm, bodies = model_says(lambda _body: HOT)
    flywheel.set(llm=llm, answer=NOTHING_ELSE)
    flywheel.log(chat("a", FRY, "I'm ChatGPT, made by OpenAI. Heat the pan first."), vote("a"))
    flywheel.run(stages=STAGES)
    assert bodies == []
    flywheel.set(answer=FIRST)
    flywheel.run("answer", "check", stages=STAGES)
    assert [row["version"] for row in flywheel.table("checked_answers")] == [0, 1]
    assert len(bodies) == 1


@pytest.mark.slow
def test_a_late_vote_counts_in_the_next_run_and_reaches_no_other_teacher(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL, SIMMER))
    flywheel.run()
    flywheel.log(vote("a", "down", timestamp="2026-03-06T10:00:00Z"), vote("b"))
    assert given(flywheel.run()) == {FRY: ("From the model.", "model"), BOIL: (SIMMER, "logged")}
    assert len(bodies) == 2
    flywheel.set(answer=AnswerSettings(teacher="model"))
    flywheel.run("answer")
    flywheel.log(vote("a", timestamp="2026-03-07T10:00:00Z"))
    pull_new(Run(cfg=flywheel.cfg))
    runs = ledger.runs(flywheel.cfg.warehouse)
    assert runs["stale"].to_list() == [None] * 5


@pytest.mark.slow
def test_days_in_which_votes_came_late_end_like_those_in_which_they_were_there(
    flywheel, new_store, tmp_path
):
    flywheel.set(answer=NOTHING_ELSE)
    flywheel.log(chat("a", FRY, HOT), chat("b", BOIL, SIMMER), vote("b"))
    flywheel.run()
    flywheel.log(vote("a"), vote("b", "down", timestamp="2026-03-06T10:00:00Z"))
    late = flywheel.run()
    at_once = Flywheel(new_store(tmp_path / "other"))
    at_once.set(answer=NOTHING_ELSE)
    at_once.log(chat("a", FRY, HOT), chat("b", BOIL, SIMMER), vote("b"))
    at_once.log(vote("a"), vote("b", "down", timestamp="2026-03-06T10:00:00Z"))
    assert at_once.run() == late


@pytest.mark.slow
def test_a_late_vote_reaches_days_of_older_code_and_marks_them_once(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL, SIMMER))
    flywheel.run()
    with store.writing(flywheel.cfg.warehouse) as con:
        con.execute("UPDATE stage_runs SET code_version = 'older'")
    flywheel.log(vote("a", "down", timestamp="2026-03-06T10:00:00Z"), vote("b"))
    assert given(flywheel.run()) == {FRY: ("From the model.", "model"), BOIL: (SIMMER, "logged")}
    assert len(bodies) == 2
    pull_new(Run(cfg=flywheel.cfg))
    assert ledger.runs(flywheel.cfg.warehouse)["stale"].to_list() == [None] * 5


@pytest.mark.slow
def test_a_vote_under_changed_settings_buys_nothing_anew(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), chat("b", BOIL, SIMMER))
    flywheel.run()
    flywheel.set(answer=AnswerSettings(teacher="logged", temperature=0.9))
    flywheel.log(vote("a"))
    flywheel.run()
    assert len(bodies) == 2
    flywheel.run("answer")
    assert {row["origin"] for row in flywheel.table("answers")} == {"logged", "model"}
    assert len(bodies) == 3


@pytest.mark.slow
def test_answers_taken_before_stay_when_the_settings_name_another_teacher(flywheel, model_says):
    llm, bodies = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), vote("a"))
    flywheel.run()
    flywheel.set(answer=AnswerSettings(teacher="model"))
    flywheel.log(chat("b", BOIL, SIMMER))
    rows = flywheel.run()
    assert {prompt: row["origin"] for prompt, row in rows.items()} == {FRY: "logged", BOIL: "model"}
    assert len(bodies) == 1


@pytest.mark.slow
def test_the_estimate_counts_no_prompt_that_the_log_answers(flywheel, model_says):
    llm, _ = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL, SIMMER))
    run = Run(cfg=flywheel.cfg)
    pull_new(run)
    found = estimate(run, DAY, DAY)
    assert found.quotes.of["answer"].to_buy == 1


@pytest.mark.slow
def test_the_preview_says_that_nothing_would_be_sent(flywheel, model_says):
    llm, _ = model_says(lambda _body: "From the model.")
    flywheel.set(llm=llm)
    flywheel.log(chat("a", FRY, HOT), vote("a"), chat("b", BOIL, SIMMER))
    rows = flywheel.run()
    said = {p: previews(flywheel.cfg, rows[p]["prompt_id"])[0].unsent for p in (FRY, BOIL)}
    assert said == {FRY: "the log has an up-voted answer", BOIL: None}
