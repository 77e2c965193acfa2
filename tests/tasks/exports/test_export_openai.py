"""OpenAI's fine-tuning lines, held to the rules of its API and to the types of its own client."""

import json
import re

import pytest
from openai.types.chat import ChatCompletionMessageParam, ChatCompletionToolParam
from pydantic import TypeAdapter

from tasks.exports.openai_lines import openai
from tasks.exports.rows import Row

ROLES = {"system", "user", "assistant", "tool"}
MESSAGE = TypeAdapter(ChatCompletionMessageParam)
TOOL = TypeAdapter(ChatCompletionToolParam)
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def problems(line):
    """What the API would refuse in one line of a file for chat models."""
    row = json.loads(line)
    yield from ("unknown key" for key in row if key not in ("messages", "tools"))
    said = row["messages"]
    yield from (problem for message in said for problem in of_message(message))
    if said[-1]["role"] != "assistant" or said[-1].get("weight") == 0:
        yield "nothing to learn"
    if not 0 < len(row.get("tools", [1])) <= 128:
        yield "number of tools"
    yield from ("name" for tool in row.get("tools", ()) if not NAME.fullmatch(named(tool)))
    yield from of_calls(said)


def of_message(message):
    role = message["role"]
    if role not in ROLES:
        yield "role"
    if not message.get("content") and not message.get("tool_calls"):
        yield "no content"
    if "weight" in message and (role != "assistant" or message["weight"] not in (0, 1)):
        yield "weight"
    for call in message.get("tool_calls", ()):
        if not isinstance(json.loads(call["function"]["arguments"]), dict):
            yield "arguments"


def of_calls(said):
    """Every call is followed by its result, before anybody else speaks."""
    waiting = set()
    for message in said:
        if message["role"] == "tool":
            waiting.remove(message["tool_call_id"])
        elif waiting:
            yield "call without result"
        waiting |= {call["id"] for call in message.get("tool_calls", ())}


def named(tool):
    return tool["function"]["name"]


@pytest.fixture
def file(written):
    out, _ = written("openai", "rows.jsonl")
    return out.read_text(encoding="utf-8").split("\n")[:-1]


def test_no_line_breaks_a_rule(file):
    assert len(file) > 19
    assert [found for line in file for found in problems(line)] == []


def test_messages_and_tools_are_of_the_types_of_its_client(file):
    for row in map(json.loads, file):
        for message in row["messages"]:
            plain = {key: value for key, value in message.items() if key != "weight"}
            read = MESSAGE.validate_python(plain)
            assert list(read.get("tool_calls") or ()) == plain.get("tool_calls", [])
        for tool in row.get("tools", ()):
            assert TOOL.validate_python(tool) == tool


def test_both_results_of_two_calls_are_kept(file):
    [row] = [json.loads(line) for line in file if "about twice?" in line]
    assert [one["role"] for one in row["messages"]] == [
        *("user", "assistant", "tool", "tool", "assistant", "user", "assistant")
    ]
    assert "content" not in row["messages"][1]


def test_every_answer_that_is_learned_has_its_weight():
    talk = [said("user", "Hi"), said("assistant", "Hello."), said("user", "Bye")]
    row = Row("a", talk, "See you.", [], learned_turns=frozenset([1]))
    assert [one.get("weight") for one in openai(row)["messages"]] == [None, 1, None, 1]
    unlearned = Row("a", talk, "See you.", [])
    assert [one.get("weight") for one in openai(unlearned)["messages"]] == [None, 0, None, 1]


def said(role, content):
    return {"role": role, "content": content}
