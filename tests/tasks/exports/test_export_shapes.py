"""Every format keeps system prompts, history and tools, or says what it cannot."""

import json

import pytest

from tasks.exports.refusals import REASONS, CannotSay
from tasks.exports.rows import Row
from tasks.exports.shapes import alpaca, sharegpt

FORMATS = ("messages", "prompt-completion", "alpaca", "sharegpt", "openai")


def left_out(out):
    rows = map(json.loads, (out / "left_out.jsonl").read_text().splitlines())
    return {row["id"].split("-")[0]: row["reason"] for row in rows}


def test_messages_end_with_the_answer_and_keep_all_before(by_chat):
    found = by_chat("messages")["system"]["messages"]
    assert [one["role"] for one in found] == ["system", "user", "assistant", "user", "assistant"]
    assert (found[0]["content"], found[-1]["content"]) == ("Be brief.", "So much for system.")


def test_prompt_and_completion_join_to_the_messages(by_chat):
    whole, parts = by_chat("messages"), by_chat("prompt-completion")
    assert {chat: one["prompt"] + one["completion"] for chat, one in parts.items()} == {
        chat: one["messages"] for chat, one in whole.items()
    }
    assert {len(one["completion"]) for one in parts.values()} == {1}


@pytest.mark.parametrize("format", ["messages", "prompt-completion"])
def test_every_row_has_the_same_columns_and_tools_as_text_or_none(lines, format):
    rows = lines(format)
    assert len({tuple(row) for row in rows}) == 1
    offered = {row["id"].split("-")[0] for row in rows if row["tools"]}
    assert offered == {"called", "twice", "aloud", "lonely"}
    tools = [tool for row in rows for tool in json.loads(row["tools"] or "[]")]
    assert {tool["function"]["name"] for tool in tools} == {"clock"}


def test_arguments_of_calls_are_objects_for_chat_templates_and_text_for_openai(by_chat, lines):
    [call] = by_chat("messages")["called"]["messages"][1]["tool_calls"]
    assert call["function"]["arguments"] == {"zone": "東京"}
    calls = [
        one
        for row in lines("openai")
        for said in row["messages"]
        for one in said.get("tool_calls", ())
    ]
    assert {json.loads(call["function"]["arguments"])["zone"] for call in calls} == {"東京"}


def test_alpaca_pairs_the_history_and_sets_the_system_prompt_apart(by_chat):
    found = by_chat("alpaca")["system"]
    assert found == {
        "id": "system-0-0",
        "instruction": "And about system?",
        "input": "",
        "output": "So much for system.",
        "system": "Be brief.",
        "history": [["Hello", "Hi."]],
    }


def test_alpaca_counts_what_it_cannot_say(written):
    out, done = written("alpaca")
    tooled = dict.fromkeys(("called", "twice", "aloud", "lonely"), "tools")
    assert left_out(out) == tooled | {"midway": "roles_out_of_turn"}
    assert done.left_out.summary().startswith("tools 4 (")


def test_sharegpt_writes_calls_observations_and_tools(by_chat):
    found = by_chat("sharegpt")["called"]
    assert [turn["from"] for turn in found["conversations"]] == [
        *("human", "function_call", "observation", "gpt", "human", "gpt")
    ]
    [call] = json.loads(found["conversations"][1]["value"])
    assert call == {"name": "clock", "arguments": {"zone": "東京"}}
    assert [tool["name"] for tool in json.loads(found["tools"])] == ["clock"]


def test_sharegpt_counts_what_it_cannot_say(written):
    out, _ = written("sharegpt")
    assert left_out(out) == {
        "twice": "roles_out_of_turn",
        "midway": "roles_out_of_turn",
        "lonely": "roles_out_of_turn",
        "aloud": "words_beside_a_call",
    }


def test_openai_weighs_the_answer_alone(by_chat, lines):
    [row] = [row for row in lines("openai") if row["messages"][0]["role"] == "system"]
    weights = [(one["role"], one.get("weight")) for one in row["messages"]]
    assert weights == [
        ("system", None),
        ("user", None),
        ("assistant", 0),
        ("user", None),
        ("assistant", 1),
    ]


def test_openai_counts_a_call_without_its_result(written):
    out, _ = written("openai")
    assert left_out(out) == {"lonely": "call_without_result"}


@pytest.mark.parametrize("format", FORMATS)
def test_rows_written_and_rows_left_out_are_all_rows(written, format):
    _, done = written(format)
    train = next(split for split in done.splits if split.name == "train")
    assert train.distinct + done.left_out.counts.total() == 19
    assert set(done.left_out.counts) <= set(REASONS)


@pytest.mark.parametrize("shape", [alpaca, sharegpt], ids=["alpaca", "sharegpt"])
def test_an_assistant_that_speaks_first_is_out_of_turn(shape):
    row = Row(
        "a", [{"role": "assistant", "content": "Hi"}, {"role": "user", "content": "?"}], "!", []
    )
    with pytest.raises(CannotSay) as no:
        shape(row)
    assert no.value.reason == "roles_out_of_turn"
