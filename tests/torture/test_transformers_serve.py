"""A real server that is not ours: `transformers serve` with a tiny model of random weights.

It ignores several fields without a word. Started once, in half a minute; run with `make torture`.
"""

import logging
from datetime import date

import pytest

from schemas.conversation import text_message
from schemas.model_settings import ModelSettings
from schemas.replies import tag_format
from schemas.run import Run
from schemas.settings import FlywheelSettings, TagSettings
from schemas.task_types import UNKNOWN, load
from tasks.adapters import calls, heeded, store
from tasks.tagging import requests
from tasks.tagging.strong import strong_tags

pytestmark = pytest.mark.slow
TRANSPORTS = ("openai", "aiohttp")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory, serve):
    """A model folder: 50,000 random weights and a tokenizer with a chat template."""
    from tasks.demo.student import StudentShape, make_base

    shape = StudentShape(vocabulary=400, width=32, layers=2, heads=2)
    texts = ["What is two and two?", "The answer is four."] * 5
    return make_base(tmp_path_factory.mktemp("tiny") / "model", texts, 1, shape)


@pytest.fixture(scope="module")
def served(tiny, serve):
    """The address of a server of `tiny`."""
    with serve(tiny) as base_url:
        yield base_url


@pytest.fixture
def run_with(tmp_path, served, tiny):
    """Make a run of one empty store against the server."""

    def make(transport="openai", **changed):
        # the model's name is the folder: a pinned server refuses any other
        llm = ModelSettings(
            base_url=served,
            model=str(tiny),
            concurrency=4,
            timeout_s=60,
            max_attempts=2,
            transport=transport,
        )
        return Run(cfg=FlywheelSettings(var=tmp_path / "var", llm=llm, **changed))

    (tmp_path / "var").mkdir()
    store.prepare(make().cfg.warehouse)
    return make


@pytest.fixture
def warned(caplog):
    caplog.set_level(logging.WARNING, "flywheel.calls")
    return lambda: [r.getMessage() for r in caplog.records if r.name == "flywheel.calls"]


def request(text, sample=0, **params):
    messages = [{"role": "user", "content": text}] if text else []
    params = {"temperature": 0.0, "max_tokens": 16, **params}
    return calls.Request("answer", messages, params, sample)


def ask(run, requests):
    return list(calls.ask(run.cfg.warehouse, run, requests))


def bought(run):
    return store.select(run.cfg.warehouse, "FROM llm_calls ORDER BY call_key").to_dicts()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_answers_are_bought_once_with_usage_and_the_cut_ones_say_so(run_with, transport, warned):
    wanted = [request(f"What is {n} and two?") for n in range(12)]
    replies = ask(run_with(transport), wanted)
    assert [(r.pending, r.error) for r in replies] == [(None, None)] * 12
    assert {reply.finish_reason for reply in replies} == {"length"}
    assert {reply.answer_tokens for reply in replies} == {16}
    assert all(reply.prompt_tokens > 5 for reply in replies)
    rows = bought(run_with())
    assert ask(run_with(transport), wanted) == replies
    assert bought(run_with()) == rows
    assert (len(rows), warned()) == (12, [])


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_call_that_breaks_the_server_is_pending_and_the_others_are_answered(run_with, transport):
    wanted = [request(""), *(request(f"Say {n}.") for n in range(11))]
    broken, *others = ask(run_with(transport), wanted)
    assert broken.pending == "HTTP 500: Internal Server Error"
    assert [reply.pending for reply in others] == [None] * 11
    assert len(bought(run_with())) == 11


def test_field_that_the_server_does_not_know_is_a_refusal_with_its_words(run_with):
    *others, refused = ask(run_with(), [request("a"), request("b"), request("c", top_k=3)])
    assert "HTTP 422" in refused.error
    assert "top_k" in refused.error
    assert all(reply.text is not None for reply in others)


def test_other_model_name_leaves_all_pending_with_the_fix(run_with):
    run = run_with()
    llm = run.cfg.llm.model_copy(update={"model": "no-such-model"})
    lost = Run(cfg=run.cfg.model_copy(update={"llm": llm}))
    replies = ask(lost, [request(f"Say {n}.") for n in range(24)])
    assert all("Server is pinned to" in reply.pending for reply in replies)
    assert all("Check [llm] base_url, model" in reply.pending for reply in replies)


IGNORED = {
    "response_format": {"response_format": tag_format(["qa/fact"])},
    "tool_choice": {
        "tools": [{"type": "function", "function": {"name": "add", "parameters": {}}}],
        "tool_choice": "required",
    },
}


@pytest.mark.parametrize("name", IGNORED)
def test_ignored_field_is_warned_of_once_and_the_replies_are_kept(run_with, warned, name):
    replies = ask(run_with(), [request(f"What is {n}?", **IGNORED[name]) for n in range(6)])
    assert all(reply.text is not None for reply in replies)
    [line] = warned()
    assert f"ignores {name}: in 3 of 3, " in line


def test_samples_are_the_same_text_at_any_temperature(run_with, warned, monkeypatch):
    monkeypatch.setattr(heeded, "LONG_CHARS", 20)  # longer answers would take minutes
    wanted = [
        request(f"What is {n} and two?", sample, temperature=1.5, max_tokens=64)
        for n in range(4)
        for sample in range(2)
    ]
    replies = ask(run_with(), wanted)
    assert [r.text for r in replies[::2]] == [r.text for r in replies[1::2]]
    [line] = warned()
    assert "ignores temperature" in line


@pytest.mark.parametrize("form", ["json_schema", "json_object", "text"])
def test_tagging_ends_whatever_the_server_makes_of_the_format(run_with, warned, monkeypatch, form):
    monkeypatch.setattr(requests, "TAG_TOKENS", 16)  # a model without sense never ends by itself
    run = run_with(tag=TagSettings(response_format=form, pack=4))
    rows = [tag_row(n, f"What is {n} and two, and why?") for n in range(6)]
    tags, pending = strong_tags(rows, load(), run.cfg.warehouse, run)
    assert pending is None
    assert {tag.label for tag in tags.values()} == {UNKNOWN}
    assert len(tags) == 6
    assert [line.split(": ")[0].split()[-1] for line in warned()] == (
        [] if form == "text" else ["response_format"]
    )
    rows_before = len(bought(run))
    strong_tags(rows, load(), run.cfg.warehouse, run_with(tag=run.cfg.tag))
    assert len(bought(run)) == rows_before


def tag_row(number, text):
    return {
        "prompt_id": f"p{number}",
        "day": date(2026, 3, 2),
        "messages": [text_message("user", text)],
        "prompt": text,
        "hostile": False,
        "input_hash": number,
    }
