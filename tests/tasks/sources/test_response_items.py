"""OpenAI's Responses API: a list of items goes in, a list of items comes out."""

import json

import pytest

from schemas.conversation import Unreadable
from tasks.sources import read_record

ASK = {"role": "user", "content": "Weather?"}
THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Hm."}]}
CALL = {"type": "function_call", "call_id": "a", "name": "sun", "arguments": "{}"}
OTHER = {"type": "function_call", "call_id": "b", "name": "rain", "arguments": '{"mm":1}'}
SAID = {
    "type": "message",
    "role": "assistant",
    "status": "completed",
    "content": [{"type": "output_text", "text": "Sun.", "annotations": []}],
}


def result(call_id, output):
    return {"type": "function_call_output", "call_id": call_id, "output": output}


def response(*output, **fields):
    return {
        "id": "resp_1",
        "object": "response",
        "status": "completed",
        "output": [*output],
        **fields,
    }


def messages(given, back):
    return read_record({"request": {"input": given}, "response": back}).messages


def shown(found):
    return [(message["role"], message["content"]) for message in found]


@pytest.mark.parametrize(
    "given",
    [
        "Weather?",
        [ASK],
        [{**ASK, "type": "message"}],
        json.dumps([ASK]),
        [{"role": "user", "content": [{"type": "input_text", "text": "Weather?"}]}],
    ],
)
def test_the_input_is_a_text_or_items(given):
    found = messages(given, response(SAID))
    assert shown(found) == [("user", "Weather?"), ("assistant", "Sun.")]
    assert json.loads(found[1]["parts"]) == SAID["content"]


def test_instructions_come_first():
    request = {"input": "Weather?", "instructions": "Be brief."}
    read = read_record({"request": request, "response": response(SAID)})
    assert shown(read.messages)[0] == ("system", "Be brief.")


def test_a_reply_of_calls_is_one_message_and_so_is_what_was_thought_before():
    found = messages("Weather?", response(THOUGHT, CALL, OTHER))
    assert shown(found) == [("user", "Weather?"), ("assistant", "")]
    assert json.loads(found[1]["parts"]) == [THOUGHT]
    assert json.loads(found[1]["tool_calls"]) == [
        {"id": "a", "type": "function", "function": {"name": "sun", "arguments": "{}"}},
        {"id": "b", "type": "function", "function": {"name": "rain", "arguments": '{"mm":1}'}},
    ]


def test_calls_results_and_replies_alternate_as_they_did():
    given = [
        ASK,
        THOUGHT,
        CALL,
        OTHER,
        result("a", "yes"),
        result("b", [{"type": "input_text", "text": "no"}]),
    ]
    found = messages([*given, SAID, ASK], response(SAID, CALL))
    assert [message["role"] for message in found] == [
        *("user", "assistant", "tool", "tool"),
        *("assistant", "user", "assistant"),
    ]
    assert [m["tool_call_id"] for m in found if m["role"] == "tool"] == ["a", "b"]
    assert found[3]["content"] == "no"
    assert (found[6]["content"], found[6]["tool_calls"] is None) == ("Sun.", False)


def test_two_messages_of_the_assistant_stay_two():
    assert shown(messages("Weather?", response(SAID, SAID)))[1:] == [("assistant", "Sun.")] * 2


def test_what_the_providers_own_tools_did_stays_in_the_reply():
    search = {"type": "web_search_call", "id": "ws_1", "action": {"query": "weather"}}
    found = messages("Weather?", response(search, SAID))
    assert shown(found)[1] == ("assistant", "Sun.")
    assert json.loads(found[1]["parts"]) == [search, *SAID["content"]]


@pytest.mark.parametrize("status", ["failed", "cancelled", "in_progress"])
def test_a_response_that_did_not_come_to_its_end_is_no_reply(status):
    assert shown(messages("Weather?", response(SAID, status=status))) == [("user", "Weather?")]


def test_a_streamed_response_is_the_one_it_was_completed_with():
    begun = {"type": "response.created", "response": response(status="in_progress")}
    delta = {"type": "response.output_text.delta", "delta": "Su"}
    completed = {"type": "response.completed", "response": response(SAID)}
    text = "".join(
        f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in (begun, delta, completed)
    )
    assert shown(messages("Weather?", text))[1:] == [("assistant", "Sun.")]
    assert shown(messages("Weather?", [begun, delta, completed]))[1:] == [("assistant", "Sun.")]
    broken_off = read_record({"request": {"input": "Weather?"}, "response": [begun, delta]})
    assert (len(broken_off.messages), broken_off.source_id) == (1, "resp_1")


def test_a_stored_response_with_its_input_is_a_call():
    read = read_record(response(SAID, input=[ASK], created_at=1_709_985_600, model="tiny"))
    assert shown(read.messages) == [("user", "Weather?"), ("assistant", "Sun.")]
    assert (read.source_id, read.model, read.started_at.year) == ("resp_1", "tiny", 2024)
    with pytest.raises(Unreadable, match="no_messages"):
        read_record(response(SAID))


@pytest.mark.parametrize("conversation", ["conv_1", {"id": "conv_1"}])
def test_the_conversation_that_the_server_keeps_is_the_chat(conversation):
    request = {"input": "Weather?", "conversation": conversation}
    read = read_record({"request": request, "response": response(SAID)})
    assert (read.source_id, read.record_refs) == ("conv_1", ("resp_1",))
    assert read.thread
