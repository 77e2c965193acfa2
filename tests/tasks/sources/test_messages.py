import json

import pytest

from schemas.conversation import Unreadable
from tasks.sources.messages import listed, read_message, read_messages


def message(content, role="user", **fields):
    return read_message({"role": role, "content": content, **fields})


def calls(**fields):
    return json.loads(message(None, "assistant", **fields)["tool_calls"])


def test_a_plain_message_has_all_keys_of_the_store():
    assert message("Hi") == {
        "role": "user",
        "content": "Hi",
        "parts": None,
        "name": None,
        "tool_call_id": None,
        "tool_calls": None,
    }


@pytest.mark.parametrize(
    ("logged", "role"),
    [
        ("human", "user"),
        ("USER", "user"),
        ("gpt", "assistant"),
        ("bot", "assistant"),
        ("model", "assistant"),
        (" chatgpt ", "assistant"),
        ("function", "tool"),
        ("observation", "tool"),
        ("developer", "system"),
    ],
)
def test_roles_of_other_dialects_are_known(logged, role):
    assert message("x", logged)["role"] == role


@pytest.mark.parametrize(
    "item", [{"role": "oracle"}, {"content": "x"}, {"role": ["user"]}, "x", None]
)
def test_a_message_without_a_known_role_is_bad(item):
    with pytest.raises(Unreadable) as caught:
        read_messages([{"role": "user", "content": "x"}, item])
    assert caught.value.reason == "bad_role"
    assert "message 2" in caught.value.detail


@pytest.mark.parametrize("items", [None, [], {}, "text", "[]", "{}", 7])
def test_no_list_of_messages_is_no_messages(items):
    with pytest.raises(Unreadable) as caught:
        listed(items)
    assert caught.value.reason == "no_messages"


def test_messages_may_be_json_text():
    assert listed('[{"role": "user"}]') == [{"role": "user"}]


def test_the_content_of_parts_is_their_text_and_the_parts_are_kept():
    image = {"type": "image_url", "image_url": {"url": "https://example.org/cat.png"}}
    parts = [
        {"type": "text", "text": "What is this?"},
        image,
        {"type": "input_text", "text": "And why?"},
    ]
    read = message(parts)
    assert read["content"] == "What is this?\nAnd why?"
    assert json.loads(read["parts"]) == parts


def test_reasoning_and_images_are_no_text():
    assert message([{"type": "image", "image": {}}])["content"] == ""
    assert (
        message([{"type": "thinking", "text": "Hm."}, {"type": "text", "text": "Yes."}])["content"]
        == "Yes."
    )


def test_strings_among_the_parts_are_text():
    assert (
        message(["a", {"type": "text", "value": "b"}, {"text": "c"}, None])["content"] == "a\nb\nc"
    )


def test_template_arguments_become_lines():
    block = {"type": "text", "value": {"topic": "rain", "tags": ["a", "b"], "n": 2}}
    assert message([block])["content"] == 'topic: rain\ntags: ["a","b"]\nn: 2'
    assert message({"topic": "rain"})["content"] == "topic: rain"
    assert json.loads(message({"topic": "rain"})["parts"]) == [
        {"type": "text", "value": {"topic": "rain"}}
    ]
    template = {"type": "template", "name": "ask", "arguments": {"topic": "rain"}}
    assert message(template)["content"] == "topic: rain"


@pytest.mark.parametrize(
    ("content", "text"), [(None, ""), ("", ""), ([], ""), (42, "42"), (False, "false")]
)
def test_content_is_always_text(content, text):
    assert message(content)["content"] == text
    assert message(content)["parts"] is None


def test_a_missing_content_is_empty():
    assert read_message({"role": "assistant"})["content"] == ""


def test_a_refusal_is_what_the_assistant_said():
    assert message(None, "assistant", refusal="No.")["content"] == "No."
    refusal = [{"type": "refusal", "refusal": "No."}]
    assert message(refusal, "assistant")["content"] == "No."
    assert json.loads(message("", "assistant", refusal="No.")["parts"]) == refusal


def test_speech_is_what_its_transcript_says():
    audio = {"id": "a", "data": "UklGRg==", "transcript": "Hello."}
    read = message(None, "assistant", audio=audio)
    assert read["content"] == "Hello."
    assert {"type": "audio", "audio": audio} in json.loads(read["parts"])


@pytest.mark.parametrize("key", ["reasoning_content", "reasoning", "thinking"])
def test_reasoning_beside_the_content_becomes_a_part_and_no_text(key):
    read = message("Yes.", "assistant", **{key: "Hm."})
    assert read["content"] == "Yes."
    assert json.loads(read["parts"]) == [
        {"type": "reasoning", "text": "Hm."},
        {"type": "text", "text": "Yes."},
    ]
    assert json.loads(message(None, "assistant", **{key: "Hm."})["parts"]) == [
        {"type": "reasoning", "text": "Hm."}
    ]
    assert message("Yes.", "assistant", **{key: None})["parts"] is None


def test_reasoning_that_servers_give_twice_is_kept_once():
    read = message("Yes.", "assistant", reasoning_content="Hm.", reasoning="Hm.")
    assert len(json.loads(read["parts"])) == 2


def test_an_answer_in_an_object_is_its_text():
    assert message({"answer": "Yes."}, "assistant")["content"] == "Yes."


@pytest.mark.parametrize("role", ["function_call", "tool_call"])
def test_a_turn_of_calls_is_the_assistants(role):
    read = message('{"name": "add", "arguments": {"a": 1}}', role)
    assert (read["role"], read["content"]) == ("assistant", "")
    assert json.loads(read["tool_calls"])[0]["function"]["arguments"] == '{"a":1}'
    assert message("add(1)", role)["content"] == "add(1)"


@pytest.mark.parametrize("role", ["observation", "ipython", "tool_response", "function_response"])
def test_results_have_many_names(role):
    assert message("2", role)["role"] == "tool"


def test_tool_calls_and_results_survive():
    logged = [{"id": "c1", "type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}]
    assert calls(tool_calls=logged) == logged
    assert calls(tool_calls=json.dumps(logged)) == logged
    result = message("2", "tool", tool_call_id="c1", name="add")
    assert (result["tool_call_id"], result["name"], result["content"]) == ("c1", "add", "2")


F = {"function": {"name": "f", "arguments": '{"a":1}'}}
CALL = {"type": "function", "function": {"name": "add", "arguments": '{"a":1}'}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"function_call": {"name": "add", "arguments": '{"a":1}'}}, CALL),
        ({"tool_calls": {"name": "add", "arguments": {"a": 1}}}, CALL),
        (
            {"content": [{"type": "tool_use", "id": "t", "name": "add", "input": {"a": 1}}]},
            {"id": "t"} | CALL,
        ),
        (
            {"content": [{"type": "tool_call", "id": "t", "name": "add", "arguments": '{"a":1}'}]},
            {"id": "t"} | CALL,
        ),
        (
            {"content": [{"type": "tool_call", "value": '{"name": "add", "arguments": {"a": 1}}'}]},
            CALL,
        ),
        (
            {"tool_calls": [{"id": "x", "call_id": "t", "name": "add", "arguments": '{"a":1}'}]},
            {"id": "t"} | CALL,
        ),
        ({"tool_calls": [{"index": 0, "function": {"name": "f", "arguments": {"a": 1}}}]}, F),
        ({"tool_calls": ["?"]}, "?"),
        ({"tool_calls": [{"a": 1}]}, {"a": 1}),
    ],
)
def test_tool_calls_of_every_dialect_get_one_shape(fields, expected):
    read = read_message({"role": "assistant", "content": None, **fields})
    assert json.loads(read["tool_calls"]) == [expected]
    assert read["content"] == ""


@pytest.mark.parametrize("empty", [None, [], "", {}])
def test_no_calls_are_none(empty):
    assert message("x", "assistant", tool_calls=empty, function_call=empty)["tool_calls"] is None


def test_a_user_message_of_tool_results_alone_is_a_tool_message():
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "2"}]}
    read = message([result])
    assert (read["role"], read["content"], read["tool_call_id"]) == ("tool", "2", "t")
    assert json.loads(read["parts"]) == [result]
    mixed = message([result, {"type": "text", "text": "And now?"}])
    assert (mixed["role"], mixed["content"], mixed["tool_call_id"]) == ("user", "And now?", None)
    assert json.loads(mixed["parts"])[0] == result
