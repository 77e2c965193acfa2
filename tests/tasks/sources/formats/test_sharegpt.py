import json

import pytest

from schemas.conversation import Unreadable
from tasks.sources import read_record


def said(role, text):
    return {"from": role, "value": text}


def turns(logged):
    return [(message["role"], message["content"]) for message in read_record(logged).messages]


def test_every_turn_is_read():
    logged = {
        "id": "s1",
        "conversations": [said("system", "Be kind."), said("human", "Hi"), said("gpt", "Hey")],
    }
    assert turns(logged) == [("system", "Be kind."), ("user", "Hi"), ("assistant", "Hey")]
    assert read_record(logged).source_id == "s1"


def test_turns_may_be_written_as_messages():
    assert turns({"conversations": [{"role": "user", "content": "Hi"}]}) == [("user", "Hi")]


def test_a_function_call_is_the_assistants_and_an_observation_the_tools():
    call = '{"name": "add", "arguments": {"a": 1}}'
    items = [
        said("human", "1?"),
        said("function_call", call),
        said("observation", "1"),
        said("gpt", "1."),
    ]
    read = read_record({"conversations": items}).messages
    assert [message["role"] for message in read] == ["user", "assistant", "tool", "assistant"]
    assert read[1]["content"] == ""
    assert json.loads(read[1]["tool_calls"])[0]["function"] == {
        "name": "add",
        "arguments": '{"a":1}',
    }


def test_a_function_call_that_is_no_json_stays_text():
    assert turns({"conversations": [said("human", "1?"), said("function_call", "add(1)")]})[1] == (
        "assistant",
        "add(1)",
    )


def test_of_ranked_replies_the_chosen_one_is_the_logged_one():
    logged = {
        "conversations": [said("human", "Hi")],
        "chosen": said("gpt", "Hey"),
        "rejected": said("gpt", "?"),
    }
    assert turns(logged) == [("user", "Hi"), ("assistant", "Hey")]


@pytest.mark.parametrize(
    ("items", "reason"),
    [
        ([], "no_messages"),
        ([said("gpt", "Hey")], "no_user_turn"),
        ([said("narrator", "x")], "bad_role"),
        ([{"value": "x"}], "bad_role"),
        (["x"], "bad_role"),
    ],
)
def test_what_is_wrong_has_its_reason(items, reason):
    with pytest.raises(Unreadable) as caught:
        read_record({"conversations": items})
    assert caught.value.reason == reason
