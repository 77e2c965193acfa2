import pytest

from schemas.conversation import Unreadable
from tasks.sources import read_record


def turns(logged, format="auto"):
    return [(m["role"], m["content"]) for m in read_record(logged, format).messages]


ASK, SAY = ("user", "Why?"), ("assistant", "So.")


@pytest.mark.parametrize(
    "logged",
    [
        {"prompt": "Why?"},
        {"act": "a poet", "prompt": "Why?", "for_devs": "TRUE"},
        {"Prompt": "Why?"},
        {"question": "Why?", "answer": None},
        {"instruction": "Why?"},
        {"question_id": 7, "category": "writing", "turns": ["Why?"]},
        {"turns": '["Why?"]'},
    ],
)
def test_a_row_with_a_prompt_is_a_chat_that_waits_for_its_answer(logged):
    assert turns(logged) == [ASK]


@pytest.mark.parametrize(
    "logged",
    [
        {"prompt": "Why?", "completion": "So."},
        {"question": "Why?", "answer": ["So.", "Or so."]},
        {"query": "Why?", "response": "So."},
        {"text": "Why?", "answer": "So."},
        {"input": "Why?", "output": "So."},
        {"Q": "Why?", "A": "So.", "label": "0"},
        {"prompt": "Why?", "chosen": "So.", "rejected": "No."},
    ],
)
def test_an_answer_beside_the_prompt_follows_it(logged):
    assert turns(logged) == [ASK, SAY]


@pytest.mark.parametrize(
    "logged",
    [
        {"text": "Why?"},
        {"text": "Why?", "category": "card_arrival"},
        {"query": "SELECT 1", "seconds": 3},
        {"input": "x", "expected": "y"},
        {"text": "Why?", "role": "prompter", "parent_message_id": None, "prompt": "x"},
        {"prompt": {"text": "Why?"}},
        {"prompt": 7},
        {"turns": []},
        {"turns": [{"text": "Why?"}]},
        {"answer": "So."},
        {"full_text": "Why?", "masked": "Why?"},
        {"Q": "1", "label": "0"},
    ],
)
def test_what_need_not_be_a_prompt_is_unknown(logged):
    with pytest.raises(Unreadable, match="unknown_format"):
        read_record(logged)


@pytest.mark.parametrize("name", ["text", "query", "input", "Q"])
def test_a_common_name_is_a_prompt_when_the_table_is_said_to_hold_prompts(name):
    assert turns({name: "Why?", "category": "x"}, "prompt") == [ASK]


def test_a_blank_prompt_is_said_to_be_one():
    with pytest.raises(Unreadable, match="empty_messages"):
        read_record({"act": "x", "prompt": " "})


def test_several_turns_are_turns_of_the_user():
    assert turns({"turns": ["Why?", "And how?"]}) == [ASK, ("user", "And how?")]


def test_a_system_prompt_comes_first():
    assert turns({"prompt": "Why?", "system": "Be kind."}) == [("system", "Be kind."), ASK]


@pytest.mark.parametrize(
    ("fields", "source_id"),
    [
        ({"id": 7, "act": "x"}, "7"),
        ({"act": "a poet"}, "a poet"),
        ({"question_id": 81}, "81"),
        ({"uid": "0a"}, "0a"),
        ({}, None),
    ],
)
def test_the_id_is_the_rows_own_else_its_act(fields, source_id):
    assert read_record({"prompt": "Why?", **fields}).source_id == source_id


def test_what_stands_around_a_prompt_is_read():
    read = read_record({"prompt": "Why?", "user_id": "u", "timestamp": "2024-03-09", "rating": "4"})
    assert (read.user, read.started_at.day, read.votes[0].value) == ("u", 9, 4.0)
