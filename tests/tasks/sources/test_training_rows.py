"""Rows of fine-tuning files: what stands beside their messages, in whichever format."""

import json

import pytest

from schemas.conversation import Vote
from tasks.sources import format_of, read_record

ASK, SAY = {"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So."}
NO = {"role": "assistant", "content": "No."}
TURN, REPLY = {"from": "human", "value": "Why?"}, {"from": "gpt", "value": "So."}
ROWS = {
    "messages": {"messages": [ASK, SAY]},
    "sharegpt": {"conversations": [TURN, REPLY]},
    "alpaca": {"instruction": "Why?", "output": "So."},
    "prompt": {"prompt": "Why?", "completion": "So."},
}


def turns(logged):
    return [(m["role"], m["content"]) for m in read_record(logged).messages]


BOTH = [("user", "Why?"), ("assistant", "So.")]


@pytest.mark.parametrize("name", ROWS)
def test_a_system_prompt_beside_the_messages_comes_first_unless_they_have_one(name):
    assert turns(ROWS[name] | {"system": "Be kind."}) == [("system", "Be kind."), *BOTH]
    given = {"messages": [{"role": "system", "content": "Be brief."}, ASK], "system": "Be kind."}
    assert turns(given)[0] == ("system", "Be brief.")


@pytest.mark.parametrize("name", ROWS)
def test_tools_beside_the_messages_are_kept_apart_from_them(name):
    tools = [{"name": "add"}]
    for logged in (tools, json.dumps(tools)):
        assert json.loads(read_record(ROWS[name] | {"tools": logged}).tools) == tools


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("key", ["kto_tag", "label"])
def test_a_truth_value_says_whether_the_reply_was_liked(name, key):
    assert read_record(ROWS[name] | {key: False}).votes == [Vote("thumb", 0.0)]
    assert read_record(ROWS[name] | {key: "0"}).votes == []


@pytest.mark.parametrize("name", ROWS)
def test_images_of_a_row_are_shown_with_its_first_question(name):
    read = read_record(ROWS[name] | {"images": ["cat.png"]}).messages
    assert json.loads(read[0]["parts"]) == [
        {"type": "text", "text": "Why?"},
        {"type": "image", "image": "cat.png"},
    ]
    assert (read[0]["content"], read[1]["parts"]) == ("Why?", None)


@pytest.mark.parametrize(
    ("name", "pair"),
    [
        ("messages", {"chosen": [ASK, SAY], "rejected": [ASK, NO]}),
        ("messages", {"prompt": [ASK], "chosen": [SAY], "rejected": [NO]}),
        ("messages", {"messages": [ASK], "chosen": SAY, "rejected": NO}),
        ("sharegpt", {"conversations": [TURN], "chosen": REPLY, "rejected": NO}),
        ("alpaca", {"instruction": "Why?", "chosen": "So.", "rejected": "No."}),
        ("prompt", {"prompt": "Why?", "chosen": "So.", "rejected": "No."}),
    ],
)
def test_of_a_pair_the_chosen_reply_is_the_chat_and_the_other_stays_beside_it(name, pair):
    assert format_of(pair) == name
    assert turns(pair) == BOTH
    [_, other] = json.loads(read_record(pair).messages[1]["parts"])
    assert (other["type"], other["message"]) == ("choice", NO)


@pytest.mark.parametrize("key", ["conversation_id", "conversation_hash"])
def test_chats_of_public_collections_are_lists_under_conversation(key):
    logged = {key: "c1", "model": "tiny", "conversation": [ASK, SAY]}
    assert (format_of(logged), turns(logged)) == ("sharegpt", BOTH)
    assert read_record(logged).source_id == "c1"
    assert turns({key: "c1", "conversation": [ASK], "rating": 4}) == BOTH[:1]


def test_the_context_of_an_instruction_is_its_input():
    row = {"instruction": "Sum up.", "context": "It rains.", "response": "Rain."}
    assert turns(row) == [("user", "Sum up.\nIt rains."), ("assistant", "Rain.")]


@pytest.mark.parametrize("name", ["messages", "sharegpt"])
def test_messages_in_a_column_of_a_table_are_json_text(name):
    [(key, value)] = ROWS[name].items()
    assert turns({key: json.dumps(value), "id": "1"}) == BOTH
