import json
from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources import read_record, split_record
from tasks.sources.formats import otlp
from tasks.sources.json_text import dump

NOON = datetime(2024, 3, 9, 12, tzinfo=UTC)
NANOS = 1_709_985_600_000_000_000
SECOND = 1_000_000_000


def said(role, text):
    return {"role": role, "parts": [{"type": "text", "content": text}]}


ASKED, ANSWERED = [said("user", "Hello")], [{**said("assistant", "Hi"), "finish_reason": "stop"}]
CALL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m"}
TALK = {"gen_ai.input.messages": ASKED, "gen_ai.output.messages": ANSWERED}
TEXTS = [("user", "Hello"), ("assistant", "Hi")]


def span(attributes, number=1, **fields):
    """Return a span as the Python SDK prints it."""
    return {
        "name": "chat m",
        "context": {"trace_id": "0xt1", "span_id": f"0xs{number}", "trace_state": "[]"},
        "start_time": "2024-03-09T12:00:00.000000Z",
        "end_time": f"2024-03-09T12:00:{number:02}.000000Z",
        "attributes": attributes,
        "events": [],
        **fields,
    }


def encoded(value):
    """Return a value as OTLP writes it."""
    if isinstance(value, dict):
        return {"kvlistValue": {"values": pairs(value)}}
    if isinstance(value, list):
        return {"arrayValue": {"values": [encoded(item) for item in value]}}
    return {"stringValue": value} if isinstance(value, str) else {"doubleValue": value}


def pairs(attributes):
    return [{"key": key, "value": encoded(value)} for key, value in attributes.items()]


def otlp_span(attributes, number=1, **fields):
    times = {"startTimeUnixNano": str(NANOS), "endTimeUnixNano": str(NANOS + number * SECOND)}
    ids = {"traceId": "t1", "spanId": f"s{number}", "kind": 3, "name": "chat m"}
    return {**ids, **times, "attributes": pairs(attributes), **fields}


def log(name, body=None, attributes=(), number=1):
    record = {"timeUnixNano": str(NANOS + number * SECOND), "traceId": "t1", "spanId": "s1"}
    record |= {"eventName": name, "attributes": pairs(dict(attributes))}
    return record | ({"body": encoded(body)} if body is not None else {})


def spans(*records):
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": list(records)}]}]}


def logs(*records):
    return {"resourceLogs": [{"resource": {}, "scopeLogs": [{"logRecords": list(records)}]}]}


def texts(record):
    return [(message["role"], message["content"]) for message in read_record(record).messages]


def test_a_span_has_its_conversation_ids_times_model_and_user():
    more = {"gen_ai.conversation.id": "c1", "gen_ai.response.id": "r1", "enduser.id": "u1"}
    read = read_record(span({**CALL, **TALK, **more, "gen_ai.response.model": "m-1"}))
    assert (read.source_id, read.record_ref, read.model, read.user) == ("c1", "r1", "m-1", "u1")
    assert (read.started_at, read.updated_at) == (NOON, NOON.replace(second=1))
    assert read.more_refs == ("s1", "t1")
    bare = read_record(span({**CALL, **TALK}))
    assert (bare.source_id, bare.record_ref, bare.model) == ("t1", "s1", "m")
    assert bare.more_refs == ()


def test_the_tools_a_model_was_offered_are_kept():
    tools = [{"type": "function", "name": "weather", "parameters": {}}]
    assert (
        json.loads(read_record(span({**TALK, "gen_ai.tool.definitions": dump(tools)})).tools)
        == tools
    )


def test_an_export_is_read_like_the_span_that_is_printed():
    [piece] = split_record(spans(otlp_span({**CALL, **TALK})))
    assert read_record(piece) == read_record(span({**CALL, **TALK}))
    [as_text] = split_record(spans(otlp_span({**CALL, **{k: dump(v) for k, v in TALK.items()}})))
    assert read_record(as_text) == read_record(piece)


def test_an_export_is_taken_apart_into_calls_and_evaluations():
    tool = otlp_span({"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "t"}, 2)
    query = otlp_span({"db.system": "sqlite"}, 3)
    silent = otlp_span(CALL, 4)
    pieces = split_record(spans(otlp_span({**CALL, **TALK}), tool, query, silent))
    assert [piece["spanId"] for piece in pieces] == ["s1", "s4"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (span(CALL), "prompts_not_logged"),
        (span({"gen_ai.operation.name": "execute_tool"}), "no_messages"),
        (span({"db.system": "sqlite"}), "no_messages"),
        (spans(otlp_span({"db.system": "sqlite"})), "no_messages"),
        (span({"gen_ai.output.messages": ANSWERED}), "no_user_turn"),
        (span({"gen_ai.input.messages": [said("wizard", "x")]}), "bad_role"),
        (span(TALK, start_time="never"), "bad_timestamp"),
        (log("gen_ai.user.message", {"content": "Hello"}), "no_messages"),
    ],
)
def test_what_is_wrong_has_its_reason(record, reason):
    with pytest.raises(Unreadable) as caught:
        read_record(record)
    assert caught.value.reason == reason


def test_system_instructions_come_first():
    record = span({**TALK, "gen_ai.system_instructions": [{"type": "text", "content": "Be kind."}]})
    assert texts(record) == [("system", "Be kind."), *TEXTS]
    record["attributes"]["gen_ai.system_instructions"] = "Be kind."
    assert texts(record) == [("system", "Be kind."), *TEXTS]


def test_of_several_choices_the_first_is_the_answer_but_a_transcript_is_kept():
    several = span({**TALK, "gen_ai.output.messages": [*ANSWERED, said("assistant", "Hey")]})
    assert texts(several) == TEXTS
    (_, other) = json.loads(read_record(several).messages[-1]["parts"])
    assert (other["type"], other["message"]) == ("choice", said("assistant", "Hey"))
    result = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "response": "r"}]}
    done = span({**TALK, "gen_ai.output.messages": [*ANSWERED, result, *ANSWERED]})
    assert texts(done) == [*TEXTS, ("tool", "r"), ("assistant", "Hi")]


def test_spans_of_a_conversation_that_do_not_repeat_it_are_chats_of_their_own():
    other = {**TALK, "gen_ai.input.messages": [said("user", "Bye")]}
    first, second = read_record(span(TALK)), read_record(span(other, 2))
    assert first.source_id == second.source_id
    assert first.thread != second.thread


def test_an_agents_run_gives_way_to_the_calls_within_it():
    run = {**TALK, "gen_ai.operation.name": "invoke_agent"}
    assert read_record(span(run, 9)).updated_at == NOON
    assert read_record(span({**CALL, **TALK}, 9)).updated_at > NOON


DETAILS = "gen_ai.client.inference.operation.details"
OLD = [
    ("gen_ai.system.message", {"content": "Be kind."}),
    ("gen_ai.user.message", {"content": "Weather?"}),
    (
        "gen_ai.assistant.message",
        {
            "tool_calls": [
                {
                    "id": "c1",
                    "type": "function",
                    "function": {"name": "weather", "arguments": "{}"},
                }
            ]
        },
    ),
    ("gen_ai.tool.message", {"id": "c1", "content": "rain"}),
    (
        "gen_ai.choice",
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {"role": "assistant", "content": "Rain."},
        },
    ),
    ("gen_ai.choice", {"index": 1, "message": {"content": "Wet."}}),
]
OLD_TEXTS = [("system", "Be kind."), ("user", "Weather?"), ("assistant", ""), ("tool", "rain")]
OLD_TEXTS += [("assistant", "Rain.")]


def test_messages_may_stand_on_an_event_of_the_span():
    event = {"name": DETAILS, "timestamp": "2024-03-09T12:00:00Z", "attributes": TALK}
    assert texts(span(CALL, events=[event])) == TEXTS


def test_messages_may_stand_on_a_log_record():
    record = log(DETAILS, attributes={**CALL, **TALK, "gen_ai.response.id": "r1"}.items())
    [piece] = split_record(logs(record))
    assert texts(piece) == texts(record) == TEXTS
    read = read_record(piece)
    assert (read.source_id, read.record_ref, read.model) == ("t1", "r1", "m")
    assert read.started_at == NOON.replace(second=1)


def test_the_messages_of_a_call_that_are_logged_one_by_one_are_joined():
    others = log("gen_ai.user.message", {"content": "Other"}) | {"spanId": "s2"}
    pieces = split_record(logs(*(log(name, body) for name, body in OLD), others))
    first, second = map(texts, pieces)
    assert first == OLD_TEXTS
    assert second == [("user", "Other")]
    called = read_record(pieces[0]).messages
    assert json.loads(called[2]["tool_calls"])[0]["id"] == called[3]["tool_call_id"] == "c1"


@pytest.mark.parametrize("place", ["attributes", "gen_ai.event.content"])
def test_events_of_a_span_may_be_its_messages(place):
    def given(body):
        if place == "attributes":
            return {key: dump(v) if isinstance(v, list | dict) else v for key, v in body.items()}
        return {place: dump(body)}

    found = [{"name": name, "attributes": given(body)} for name, body in OLD]
    assert texts(span(CALL, events=found)) == OLD_TEXTS


def test_events_of_content_are_messages():
    prompt = {"name": "gen_ai.content.prompt", "attributes": {"gen_ai.prompt": "Hello"}}
    answer = {"name": "gen_ai.content.completion", "attributes": {"gen_ai.completion": "Hi"}}
    assert texts(span(CALL, events=[prompt, answer])) == TEXTS


NUMBERED = {
    "gen_ai.prompt.0.role": "user",
    "gen_ai.prompt.0.content": "Weather?",
    "gen_ai.prompt.1.role": "assistant",
    "gen_ai.prompt.1.tool_calls.0.id": "c1",
    "gen_ai.prompt.1.tool_calls.0.name": "weather",
    "gen_ai.prompt.1.tool_calls.0.arguments": '{"city":"Oslo"}',
    "gen_ai.prompt.2.role": "tool",
    "gen_ai.prompt.2.content": "rain",
    "gen_ai.prompt.2.tool_call_id": "c1",
    "gen_ai.completion.0.role": "assistant",
    "gen_ai.completion.0.content": "Rain.",
    "gen_ai.completion.1.role": "assistant",
    "gen_ai.completion.1.content": "Wet.",
}
_CALL = "llm.input_messages.1.message.tool_calls.0.tool_call"
OPENINFERENCE = {
    "llm.input_messages.0.message.role": "user",
    "llm.input_messages.0.message.contents.0.message_content.type": "text",
    "llm.input_messages.0.message.contents.0.message_content.text": "Weather?",
    "llm.input_messages.1.message.role": "assistant",
    f"{_CALL}.id": "c1",
    f"{_CALL}.function.name": "weather",
    f"{_CALL}.function.arguments": '{"city":"Oslo"}',
    "llm.input_messages.2.message.role": "tool",
    "llm.input_messages.2.message.content": "rain",
    "llm.input_messages.2.message.tool_call_id": "c1",
    "llm.output_messages.0.message.role": "assistant",
    "llm.output_messages.0.message.content": "Rain.",
}


@pytest.mark.parametrize("attributes", [NUMBERED, OPENINFERENCE])
def test_attributes_may_number_the_messages(attributes):
    backwards = dict(reversed(attributes.items()))
    assert texts(span(backwards)) == OLD_TEXTS[1:]
    _, called, result, _ = read_record(span(attributes)).messages
    (call,) = json.loads(called["tool_calls"])
    assert call["function"] == {"name": "weather", "arguments": '{"city":"Oslo"}'}
    assert call["id"] == result["tool_call_id"] == "c1"


def test_ten_and_more_messages_stay_in_order():
    flat = {
        f"gen_ai.prompt.{n}.{key}": v
        for n in range(12)
        for key, v in (("role", "user"), ("content", str(n)))
    }
    assert [text for _, text in texts(span(flat))] == [str(n) for n in range(12)]


@pytest.mark.parametrize(
    "attributes",
    [
        {"langfuse.observation.input": "Hello", "langfuse.observation.output": "Hi"},
        {"ai.prompt": '{"prompt":"Hello"}', "ai.response.text": "Hi"},
        {"gen_ai.prompt": '[{"role":"user","content":"Hello"}]', "gen_ai.completion": "Hi"},
        {
            "input.value": '{"messages":[{"role":"user","content":"Hello"}]}',
            "output.value": '{"choices":[{"message":{"role":"assistant","content":"Hi"}}]}',
        },
        {"pydantic_ai.all_messages": dump([*ASKED, *ANSWERED])},
        {
            "all_messages_events": '[{"role":"user","content":"Hello"},'
            '{"role":"assistant","content":"Hi"}]'
        },
    ],
)
def test_other_attributes_that_hold_messages_are_read(attributes):
    assert texts(span(attributes)) == TEXTS


def test_a_row_of_attributes_is_read():
    row = {**CALL, **TALK, "trace_id": "t1", "span_id": "s1", "start_time": "2024-03-09T12:00:00Z"}
    read = read_record(row)
    assert (read.source_id, read.record_ref, read.started_at) == ("t1", "s1", NOON)
    assert texts(row) == TEXTS


def test_ids_are_the_same_whichever_way_an_exporter_writes_them():
    """Protobuf's own JSON writes bytes as base64, OTLP as hexadecimal digits, the SDK with 0x."""
    for written in ("YX6KgK1GDWM=", "617e8a80ad460d63", "0x617e8a80ad460d63"):
        read = read_record(span(TALK, context={"span_id": written}))
        assert read.record_ref == "617e8a80ad460d63"
    trace = "sO9R5ttxkbVbPHqTTrH2DQ=="
    read = read_record(span(TALK, context={"trace_id": trace}))
    assert read.source_id == "b0ef51e6db7191b55b3c7a934eb1f60d"


def test_whole_numbers_are_numbers_again():
    arguments = {"kvlistValue": {"values": [{"key": "n", "value": {"intValue": "5"}}]}}
    assert otlp.plain(arguments) == {"n": 5}
    assert otlp.plain({"boolValue": True}) is True
    assert otlp.plain({"stringValue": "5"}) == "5"


def test_a_time_of_zero_is_none():
    [piece] = split_record(spans(otlp_span(TALK, startTimeUnixNano="0", endTimeUnixNano=0)))
    assert read_record(piece).started_at is None


SCORED = {
    "gen_ai.evaluation.name": "relevance",
    "gen_ai.evaluation.score.value": 0.5,
    "gen_ai.evaluation.score.label": "so so",
    "gen_ai.evaluation.explanation": "Vague.",
}


def test_an_evaluation_within_a_span_is_a_vote_on_its_last_turn():
    event = {"name": "gen_ai.evaluation.result", "timestamp": "2024-03-09T12:00:05Z"}
    read = read_record(span(TALK, events=[{**event, "attributes": SCORED}]))
    at = NOON.replace(second=5)
    assert read.votes == [Vote("relevance", 0.5, turn=0, comment="so so\nVague.", at=at)]


@pytest.mark.parametrize(
    ("more", "target"),
    [
        ({"gen_ai.response.id": "r1", "gen_ai.conversation.id": "c1"}, ("r1", "c1")),
        ({"gen_ai.conversation.id": "c1"}, ("s1", "c1")),
        ({}, ("s1", "t1")),
    ],
)
def test_an_evaluation_by_itself_is_about_an_answer_or_a_span(more, target):
    [piece] = split_record(
        logs(log("gen_ai.evaluation.result", attributes=[*SCORED.items(), *more.items()]))
    )
    (vote,) = read_record(piece)
    assert ((vote.target_id, vote.within_id), vote.value) == (target, 0.5)
    assert vote.at == NOON.replace(second=1)


def test_a_label_may_be_the_verdict():
    good = {"gen_ai.evaluation.name": "n", "gen_ai.evaluation.score.label": "good"}
    assert read_record(log("gen_ai.evaluation.result", attributes=good.items()))[0].value == 1.0
