"""Fields that a server ignores: what a reply shows of it, and when that is worth a warning."""

import json
import logging

import pytest

from schemas.replies import tag_format
from tasks.adapters import calls, heeded

SCHEMA = {"response_format": tag_format(["qa/fact"])}
OBJECT = {"response_format": {"type": "json_object"}}
TOOLS = {"tools": [{"type": "function", "function": {"name": "add"}}], "tool_choice": "required"}
TAG = '{"reason": "r", "task_type": "qa/fact"}'
LONG = "The sky is blue. " * 30


def got(content, answer_tokens=5, finish_reason="stop", **message):
    choice = {"message": {"content": content, **message}, "finish_reason": finish_reason}
    return {"choices": [choice], "usage": {"completion_tokens": answer_tokens}}


# --- what one reply shows ---


@pytest.mark.parametrize(
    ("params", "reply", "shown"),
    [
        ({}, got("hello"), {}),
        ({"max_tokens": 8}, got("ends by itself", 5), {}),
        ({"max_tokens": 8}, got("cut", 8), {"max_tokens": True}),
        ({"max_tokens": 8}, got("cut, and its end counted", 9), {"max_tokens": True}),
        ({"max_tokens": 8}, got("goes on", 10), {"max_tokens": False}),
        ({"max_completion_tokens": 8}, got("goes on", 10), {"max_tokens": False}),
        ({"max_tokens": 4, "max_completion_tokens": 8}, got("cut", 8), {"max_tokens": True}),
        ({"max_tokens": 8}, got("nobody counted", None), {}),
        ({"max_tokens": None}, got("no limit", 10), {}),
        (SCHEMA, got(TAG), {"response_format": True}),
        (SCHEMA, got(f"\n{TAG}"), {"response_format": True}),
        (SCHEMA, got(f"<think>hm</think>{TAG}"), {"response_format": True}),
        (SCHEMA, got(TAG[:12], 5, "length"), {"response_format": True}),
        (SCHEMA, got('{"n": [PHONE_1]}'), {"response_format": True}),
        (SCHEMA, got('{"label": "qa/fact"}'), {"response_format": False}),
        (SCHEMA, got("It is a question."), {"response_format": False}),
        (SCHEMA, got("It is a question that", 5, "length"), {"response_format": False}),
        (SCHEMA, got(f"```json\n{TAG}\n```"), {"response_format": False}),
        (SCHEMA, got("<think>still at it", 5, "length"), {}),
        (SCHEMA, got(""), {}),
        (SCHEMA, got(None), {}),
        (SCHEMA, got("I cannot help.", refusal="I cannot help."), {}),
        (OBJECT, got('{"a": 1}'), {"response_format": True}),
        (OBJECT, got("[1]"), {"response_format": False}),
        ({"response_format": {"type": "text"}}, got("hello"), {}),
        ({"response_format": {"type": "json_schema"}}, got("{}"), {"response_format": True}),
        ({"response_format": None}, got("hello"), {}),
        (TOOLS, got(None, tool_calls=[{"id": "1"}]), {"tool_choice": True}),
        (TOOLS, got("4"), {"tool_choice": False}),
        (TOOLS, got(""), {}),
        ({**TOOLS, "tool_choice": {"type": "function"}}, got("4"), {"tool_choice": False}),
        ({**TOOLS, "tool_choice": "auto"}, got("4"), {}),
        ({"tool_choice": "required"}, got("4"), {}),
    ],
)
def test_reply_shows_what_was_heeded_and_what_was_not(params, reply, shown):
    assert heeded.heeded(params, reply) == shown


def test_schema_whose_root_is_no_object_is_not_judged():
    wanted = {"type": "json_schema", "json_schema": {"schema": {"type": "array"}}}
    assert heeded.heeded({"response_format": wanted}, got("[1]")) == {}


# --- when a run is told ---


@pytest.fixture
def warned(caplog):
    """Return the warnings so far."""
    caplog.set_level(logging.WARNING, "flywheel.calls")
    return lambda: [r.getMessage() for r in caplog.records if r.name == "flywheel.calls"]


def ask(buyer, prompts, params, run=None):
    requests = [buyer.request(prompt, params=params) for prompt in prompts]
    return list(calls.ask(buyer.warehouse, run or buyer.run(), requests))


def test_server_that_ignores_a_format_is_named_once_with_the_fix(buyer, model, warned):
    replies = ask(buyer, "abcdefgh", SCHEMA)
    assert [reply.text for reply in replies] == [f"re: {prompt}" for prompt in "abcdefgh"]
    [line] = warned()
    assert line.startswith(f"{model.url} (strong-1) ignores response_format: in 3 of 3, ")
    assert 'Set response_format = "text" under [tag]' in line


def test_run_is_told_once_however_often_it_asks_and_the_next_run_anew(buyer, warned):
    run = buyer.run()
    ask(buyer, "ab", SCHEMA, run)
    assert warned() == []
    ask(buyer, "cd", SCHEMA, run)
    ask(buyer, "efgh", SCHEMA, run)
    assert len(warned()) == 1
    ask(buyer, "ijk", SCHEMA)
    assert len(warned()) == 2


def test_two_odd_replies_are_the_models_own_fault(buyer, warned):
    ask(buyer, "ab", SCHEMA)
    assert warned() == []


def test_half_of_the_replies_are_the_models_own_fault(buyer, model, warned):
    for prompt in "abcd":
        model.says(prompt, {"content": TAG})
    ask(buyer, "abcd", SCHEMA, run := buyer.run())
    ask(buyer, "efgh", SCHEMA, run)
    assert warned() == []
    ask(buyer, "i", SCHEMA, run)
    assert "in 5 of 9" in warned()[0]


def test_what_the_store_has_warns_of_nothing(buyer, model, warned):
    ask(buyer, "abc", SCHEMA)
    ask(buyer, "abc", SCHEMA)
    assert (len(model.asked), len(warned())) == (3, 1)


def test_refused_and_pending_calls_show_nothing(buyer, model, warned):
    for prompt in "abc":
        model.says(prompt, model.error(400, "too long"))
    for prompt in "def":
        model.says(prompt, model.error(500))
    model.says("*", {"content": TAG})
    ask(buyer, "abcdefg", SCHEMA, buyer.run(max_attempts=1))
    assert warned() == []


def test_answers_longer_than_allowed_are_told_of_and_kept(buyer, model, warned):
    model.usual["usage"] = {"prompt_tokens": 10, "completion_tokens": 500}
    replies = buyer.ask(*"abcd")
    assert [reply.answer_tokens for reply in replies] == [500] * 4
    assert len(buyer.bought()) == 4
    [line] = warned()
    assert "ignores max_tokens" in line
    assert "caps reserve max_tokens" in line


def test_tool_call_that_never_comes_is_told_of(buyer, model, warned):
    ask(buyer, "abc", TOOLS)
    [line] = warned()
    assert "ignores tool_choice" in line


def test_tool_calls_that_come_are_no_reason_to_warn(buyer, model, warned):
    call = {"id": "1", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    model.usual["message"] = {"content": None, "tool_calls": [call]}
    ask(buyer, "abcd", TOOLS)
    assert warned() == []


def sampled(buyer, temperature):
    """Ask for two samples to each of four prompts."""
    params = {"temperature": temperature, "max_tokens": 64}
    twice = [(prompt, sample) for prompt in "abcd" for sample in range(2)]
    requests = [buyer.request(prompt, params=params, sample=n) for prompt, n in twice]
    return list(calls.ask(buyer.warehouse, buyer.run(), requests))


def test_samples_that_are_all_the_same_are_told_of(buyer, model, warned):
    model.usual["content"] = LONG
    assert len(sampled(buyer, 1.0)) == 8
    [line] = warned()
    assert "ignores temperature: in 3 of 3, samples of one prompt are the same text" in line
    assert '"do_sample": true' in line


def test_samples_that_differ_or_are_short_or_cold_are_not(buyer, model, warned):
    sampled(buyer, 1.0)  # short
    model.usual["content"] = LONG
    sampled(buyer, 0.2)
    for prompt in "abcd":
        model.says(prompt, {"content": LONG + "1"}, {"content": LONG + "2"})
    sampled(buyer, 0.9)
    assert warned() == []


def test_every_field_has_a_fix():
    reply = got("no JSON, no call", 99)
    assert {*heeded.heeded({**SCHEMA, **TOOLS, "max_tokens": 8}, reply), "temperature"} == set(
        heeded.FIXES
    )


def test_odd_replies_and_params_break_nothing(buyer, model):
    odd = [None, 3, [], {}, "x", True]
    for number, value in enumerate(odd):
        message = {"tool_calls": value, "refusal": value}
        model.says(str(number), {"message": message, "choice": {"finish_reason": value}})
    replies = ask(buyer, map(str, range(len(odd))), {**SCHEMA, **TOOLS, "max_tokens": 2})
    assert len([reply for reply in replies if reply.text is not None]) == len(odd)
    assert json.loads(buyer.bought()[0]["reply"])["choices"]
