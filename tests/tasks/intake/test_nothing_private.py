"""What is private in a log is nowhere in the store, in what analysts open, or in the log output."""

import json
import logging

import pytest

from tasks import published
from tasks.publish import publish_now

AT = "2026-03-02T10:00:00Z"
SECRET = "sk-proj-7eak" + "aB3dE5fG7hI9jK1lM3nO5pQ7rS9t"


def private(place):
    """Return a value that no table may hold: all of them begin alike."""
    return f"7eak.{place}@example.com"


def chats():
    call = {"id": private("call"), "function": {"name": "mail", "arguments": "{}"}}
    call["function"]["arguments"] = json.dumps({"to": private("arguments"), "key": SECRET})
    parts = [{"type": "text", "text": private("part")}]
    messages = [
        {"role": "system", "content": f"You serve {private('system')}"},
        {"role": "user", "content": f"I am {private('content')}, my key is {SECRET}"},
        {"role": "user", "content": parts, "name": private("name")},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": private("result"), "tool_call_id": private("call")},
    ]
    named = {"id": private("id"), "model": private("model"), "user": private("user")}
    whole = {"timestamp": AT, "session_id": private("session"), **named, "messages": messages}
    vote = {"feedback": "up", "comment": private("comment"), "metadata": {"to": private("meta")}}
    return [whole | vote, {"conversation_id": private("conversation"), **whole}]


def votes():
    metric = {"metric_name": private("metric"), "target_id": private("episode"), "value": 1}
    named = {"target_id": private("target"), "vote_id": private("vote")}
    return [named | {"vote": "down", "comment": private("words")}, metric]


def broken():
    role = {"messages": [{"role": private("role"), "content": "Hello"}]}
    time = {"timestamp": private("time"), "messages": [{"role": "user", "content": "Hello"}]}
    whole = [[private("array")], {private("key"): private("value")}, role, time]
    torn = f'{{"messages": [{{"role": "user", "content": "{private("torn")}, {SECRET}'
    return [*whole, f"{private('text')}\n", torn]


@pytest.mark.parametrize("secret", [None, "key of the users"])
def test_planted_values_are_found_nowhere(logs, monkeypatch, caplog, secret):
    caplog.set_level(logging.DEBUG)
    if secret:
        monkeypatch.setenv("FLYWHEEL_USER_KEY", secret)
    logs.write(f"{private('file')}.jsonl", *chats(), *votes(), *broken())
    with (logs.folder / "bytes.jsonl").open("wb") as file:
        file.write(f'{{"content": "{private("bytes")}'.encode() + b'\xff"}\n')
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 2, "quarantine": 7}
    copy = publish_now(logs.cfg.warehouse, logs.cfg.published)
    for table in ("chats", "votes", "quarantine", "records", "pulled_files", "stage_runs"):
        assert "7eak" not in repr(logs.table(table)), table
    for file in (logs.cfg.warehouse, copy):
        assert b"7eak" not in file.read_bytes()
    assert "7eak" not in caplog.text


def test_placeholders_stand_where_the_values_were(logs):
    logs.write("a.jsonl", *chats()[:1])
    logs.pull()
    (chat,) = logs.table("chats")
    said = chat["messages"][1]["content"]
    assert said.startswith("I am <EMAIL_")
    assert said.endswith(", my key is <SECRET_1>")
    assert {row["kind"] for row in chat["pii"]} == {"EMAIL", "SECRET"}


def test_line_of_a_file_with_a_private_name_is_found_by_that_name(logs):
    name = f"{private('file')}.jsonl"
    logs.write(name, "broken\n", chats()[0])
    logs.pull()
    source = published.source(logs.cfg, live=True)
    for place in (f"{name}:1", f"logs/{name}:1", f"{logs.folder}/{name}:1"):
        assert published.journey(source, place)["decision"].to_list() == ["quarantined"]


def test_user_is_a_keyed_hash_and_only_with_a_key(logs, chat, monkeypatch):
    for secret in (None, "one", "two"):
        if secret:
            monkeypatch.setenv("FLYWHEEL_USER_KEY", secret)
        logs.append("a.jsonl", chat("Hello", id=f"{secret}-1", at=AT, user="ann"))
        logs.append("a.jsonl", chat("Hello", id=f"{secret}-2", at=AT, user="ann"))
        logs.pull()
    keys = {row["source_id"]: row["user_key"] for row in logs.table("chats")}
    assert keys["None-1"] is None
    assert keys["one-1"] == keys["one-2"] != keys["two-1"]
    assert "ann" not in repr(keys.values())
