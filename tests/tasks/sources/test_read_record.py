import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.conversation import Conversation, Unreadable, Vote
from schemas.errors import SourceError
from tasks.sources import FORMATS, read_record, split_record
from tasks.sources.json_text import parse

USER = {"role": "user", "content": "Hi"}
EXAMPLES = {
    "tensorzero": {
        "function_name": "f",
        "episode_id": "e",
        "input": {"messages": [USER]},
        "output": [],
    },
    "openwebui": {"chat": {"messages": [USER]}},
    "oasst": {"message_tree_id": "t", "path": [{"role": "prompter", "text": "Hi"}]},
    "langfuse": {
        "trace": {"id": "t", "sessionId": "s"},
        "observations": [{"id": "o", "type": "GENERATION", "input": [USER], "output": "Hey"}],
    },
    "otel": {
        "traceId": "t",
        "spanId": "s",
        "attributes": {"gen_ai.input.messages": [{"role": "user", "parts": ["Hi"]}]},
    },
    "vote": {"target_id": "t", "vote": "up"},
    "litellm": {"call_type": "completion", "startTime": 1.7e9, "spend": 0, "messages": [USER]},
    "nvidia": {"workload_id": "w", "request": {"messages": [USER]}, "response": {}},
    "openai": {"request": {"messages": [USER]}, "response": {"choices": []}},
    "sharegpt": {"conversations": [{"from": "human", "value": "Hi"}]},
    "alpaca": {"instruction": "Hi", "input": "", "output": "Hey"},
    "messages": {"messages": [USER]},
    "prompt": {"act": "a poet", "prompt": "Hi"},
}


def test_there_is_an_example_of_every_format():
    assert EXAMPLES.keys() == FORMATS.keys()


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_record_is_read_alike_when_its_format_is_found_and_when_it_is_named(name):
    assert read_record(EXAMPLES[name], name) == read_record(EXAMPLES[name])
    asked = [other for other in FORMATS if FORMATS[other].recognises(EXAMPLES[name])]
    assert asked[0] == name


def test_an_unknown_record_is_described_by_its_keys_alone():
    with pytest.raises(Unreadable) as caught:
        read_record({"act": "a poet", "x" * 60: 1})
    assert caught.value.reason == "unknown_format"
    assert "act, " + "x" * 40 in caught.value.detail
    assert "poet" not in caught.value.detail
    assert "x" * 41 not in caught.value.detail


def test_a_record_of_another_format_than_named_is_unreadable():
    with pytest.raises(Unreadable, match="not sharegpt; its keys are messages"):
        read_record({"messages": [USER]}, "sharegpt")


def test_a_format_that_does_not_exist_is_an_error_that_names_those_that_do():
    with pytest.raises(SourceError, match=r"'parquet'; known formats: auto, tensorzero.*messages"):
        read_record({}, "parquet")


KEYS = [
    *("messages", "conversations", "instruction", "input", "output", "history"),
    *("instances", "system", "request", "response", "choices", "completion"),
    *("error", "status", "body", "message", "text", "role"),
    *("content", "from", "value", "chosen", "parts", "type"),
    *("name", "tool_calls", "function_call", "arguments", "function_name", "episode_id"),
    *("id", "target_id", "inference_id", "metric_name", "target_type", "tags"),
    *("conversation_id", "session_id", "metadata", "timestamp", "created_at", "updated_at"),
    *(
        "trace",
        "observations",
        "traceId",
        "startTime",
        "endTime",
        "body",
        "scores",
        "observationId",
    ),
    *("attributes", "events", "gen_ai.input.messages", "gen_ai.prompt", "gen_ai.prompt.0.role"),
    *("spanId", "eventName", "startTimeUnixNano", "gen_ai.evaluation.name", "key", "stringValue"),
    *("toolCalls", "toolName", "toolCallId", "args", "candidates", "generations", "blocks"),
    *("functionCall", "functionResponse", "part_kind", "kind", "kwargs", "lc", "thought", "prompt"),
    *("model", "user", "feedback", "rating", "vote", "thumbs"),
    *("score", "comment", "turn", "refusal", "raw", "data"),
    *("delta", "index", "finish_reason", "object", "custom_id", "interactions", "string"),
    *("prompt", "turns", "chosen", "rejected", "images", "audio", "reasoning", "question"),
    *("chat", "currentId", "parentId", "annotation", "files", "meta", "message_id", "snapshot"),
    *("message_tree_id", "path", "replies", "rank", "conversation", "headers", "date"),
    *("call_type", "startTime", "request_tags", "proxy_server_request", "workload_id", "u"),
]
TEXTS = [
    "user",
    "assistant",
    "human",
    "text",
    "tool_result",
    "tool_call",
    "function_call",
    "message",
    "request",
    "GENERATION",
    "score-create",
    "gen_ai.user.message",
    "gen_ai.evaluation.result",
    "generation-create",
    "prompter",
    "function_call_output",
    "reasoning",
    "response.completed",
    'data: {"choices": [{"delta": {"content": 1}}]}\n\ndata: [DONE]',
    '<details type="tool_calls" name="f">x</details>',
    "u",
    "[",
    "[]",
    '{"value": 1}',
    "1",
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([*TEXTS, 1_709_985_600, 10**300, "018e2315-9200-7000-8000-000000000001"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
NAMES = st.sampled_from(["auto", *FORMATS])


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6), NAMES)
def test_any_object_is_read_or_has_its_reason(record, name):
    for piece in split_record(record):
        with suppress(Unreadable):
            is_sound(read_record(piece, name))


def is_sound(read):
    if isinstance(read, list):
        assert read
        assert all(isinstance(vote, Vote) for vote in read)
    else:
        assert any(message["role"] == "user" for message in read.messages)
        for message in read.messages:
            assert isinstance(message["content"], str)
            for key in ("parts", "tool_calls"):
                assert message[key] is None or json.loads(message[key])


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.sampled_from(sorted(EXAMPLES)), st.sampled_from(KEYS), VALUES)
def test_a_good_record_with_one_odd_field_is_read_or_has_its_reason(name, key, value):
    for piece in split_record(EXAMPLES[name] | {key: value}):
        with suppress(Unreadable):
            is_sound(read_record(piece))


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
TURNS = st.lists(
    st.builds(
        lambda role, text: {"role": role, "content": text},
        st.sampled_from(["user", "assistant", "system"]),
        WORDS,
    ),
    max_size=6,
).map(lambda turns: [*turns, USER, {"role": "assistant", "content": "Bye"}])


def through_json(record):
    return read_record(parse(json.dumps(record)))


def plain(read):
    assert isinstance(read, Conversation)
    return [{"role": message["role"], "content": message["content"]} for message in read.messages]


@settings(derandomize=True, deadline=None)
@given(TURNS)
def test_any_conversation_survives_every_format_that_can_hold_it(turns):
    names = {"user": "human", "assistant": "gpt", "system": "system"}
    spoken = [{"from": names[turn["role"]], "value": turn["content"]} for turn in turns]
    reply = {"choices": [{"message": turns[-1]}]}
    assert plain(through_json({"messages": turns})) == turns
    assert plain(through_json({"conversations": spoken})) == turns
    assert plain(through_json({"request": {"messages": turns[:-1]}, "response": reply})) == turns
