"""Recorded calls of a chat API map to exactly the messages that were sent and came back."""

import json
from pathlib import Path

import pytest
import yaml

from tasks.sources import read_record, split_record

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "logs_otel_openai_cassettes"
CASSETTES = sorted(DATA.glob("*.yaml"))
pytestmark = pytest.mark.skipif(not CASSETTES, reason="not run: no ../shared/data")
EMPTY = {"content": "", "parts": None, "name": None, "tool_call_id": None, "tool_calls": None}


def cassette(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def chunks(text):
    lines = [line.removeprefix("data: ") for line in text.splitlines() if line]
    assert lines[-1] == "[DONE]"
    return [json.loads(line) for line in lines[:-1]]


def spelled(deltas):
    """Join the deltas of one choice, as far as these recordings need it."""
    message, calls = {"role": "assistant", "content": None}, {}
    for delta in deltas:
        if delta.get("content") is not None:
            message["content"] = (message["content"] or "") + delta["content"]
        for call in delta.get("tool_calls", []):
            known = calls.setdefault(call["index"], {"function": {"name": "", "arguments": ""}})
            known["id"] = call.get("id", known.get("id"))
            known["function"]["name"] += call["function"].get("name", "")
            known["function"]["arguments"] += call["function"]["arguments"]
    return message | ({"tool_calls": list(calls.values())} if calls else {})


def choices(text):
    """Return the messages that came back, one per choice."""
    if not text.startswith("data:"):
        return [choice["message"] for choice in json.loads(text).get("choices", [])]
    said = [choice for chunk in chunks(text) for choice in chunk["choices"]]
    indices = sorted({choice["index"] for choice in said})
    return [spelled([c["delta"] for c in said if c["index"] == index]) for index in indices]


def stored(message):
    """Return a recorded message as the store has it."""
    calls = [
        {"id": call["id"], "type": "function", "function": call["function"]}
        for call in message.get("tool_calls") or []
    ]
    return EMPTY | {
        "role": message["role"],
        "content": message.get("content") or "",
        "tool_call_id": message.get("tool_call_id"),
        "tool_calls": calls or None,
    }


def expected(call):
    sent = [stored(message) for message in json.loads(call["request"]["body"])["messages"]]
    back = [stored(message) for message in choices(call["response"]["body"]["string"])]
    return sent + back[:1], back[1:]


def read(call):
    """Return the messages without the other choices, and the other choices."""
    messages, others = read_record(call).messages, []
    for message in messages:
        calls = message["tool_calls"]
        message["tool_calls"] = json.loads(calls) if calls else None
        parts = json.loads(message["parts"] or "[]")
        if parts:
            others = [part["message"] for part in parts if part["type"] == "choice"]
            message["parts"] = [part for part in parts if part["type"] != "choice"]
            assert message["parts"] == [{"type": "text", "text": message["content"]}]
            message["parts"] = None
    return messages, others


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_every_call_maps_to_its_messages(path):
    calls = split_record(cassette(path))
    assert calls
    for call in calls:
        messages, others = expected(call)
        found, also = read(call)
        assert found == messages
        assert [stored(message) for message in also] == others


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_bodies_that_a_proxy_has_parsed_give_the_same_conversation(path):
    for call in split_record(cassette(path)):
        text = call["response"]["body"]["string"]
        body = chunks(text) if text.startswith("data:") else json.loads(text)
        parsed = {"request": json.loads(call["request"]["body"]), "response": body}
        raw, proxied = read_record(call), read_record(parsed)
        assert proxied.messages == raw.messages
        if proxied.source_id:  # a refused call has its id and time in the headers alone
            assert (proxied.source_id, proxied.started_at) == (raw.source_id, raw.started_at)
        assert raw.source_id
        assert raw.started_at


def test_the_recordings_hold_what_they_are_read_for():
    calls = [call for path in CASSETTES for call in split_record(cassette(path))]
    texts = [call["response"]["body"]["string"] for call in calls]
    assert len(CASSETTES) == 20
    assert len(calls) == 22
    assert sum(text.startswith("data:") for text in texts) == 7
    assert sum("tool_calls" in text for text in texts) == 4
    assert sum(len(choices(text)) > 1 for text in texts) == 2
    assert sum(not choices(text) for text in texts) == 1
