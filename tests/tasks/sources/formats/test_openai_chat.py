import json
from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources import read_record, split_record

ASK = {"role": "user", "content": "What is 2 + 2?"}
SAY = {"role": "assistant", "content": "4"}
RESPONSE = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 1_709_985_600,
    "model": "tiny-1",
    "choices": [{"index": 0, "message": SAY, "finish_reason": "stop"}],
    "usage": {"total_tokens": 9},
}
NOON = datetime(2024, 3, 9, 12, tzinfo=UTC)


def record(**fields):
    return {"request": {"model": "tiny", "messages": [ASK]}, "response": RESPONSE, **fields}


def turns(logged):
    return [(message["role"], message["content"]) for message in read_record(logged).messages]


BOTH = [("user", "What is 2 + 2?"), ("assistant", "4")]


@pytest.mark.parametrize(
    "logged",
    [
        record(),
        {"messages": [ASK], "response": RESPONSE},
        {"messages": [ASK], "choices": RESPONSE["choices"]},
        {"messages": [ASK], "response": "4"},
        {"messages": [ASK], "completion": "4"},
        {"messages": [ASK], "response": SAY},
        {"messages": [ASK], "choices": [{"text": "4"}]},
        {"messages": [ASK, SAY], "response": RESPONSE},
        {
            "request": {"body": {"messages": [ASK]}},
            "response": {"status_code": 200, "body": RESPONSE},
        },
        {
            "messages": '[{"role": "user", "content": "What is 2 + 2?"}]',
            "response": '{"choices": [{"message": {"content": "4"}}]}',
        },
    ],
)
def test_the_reply_follows_the_messages_in_every_layout(logged):
    assert turns(logged) == BOTH


def test_a_reply_that_is_json_text_is_still_a_reply():
    logged = {"messages": [ASK], "response": '{"answer": 4}'}
    assert turns(logged)[1] == ("assistant", '{"answer": 4}')


FOUR = {"role": "assistant", "content": "four"}


def test_of_several_choices_the_first_is_the_reply_and_the_others_stay_beside_it():
    choices = [
        {"index": 1, "message": FOUR, "finish_reason": "length"},
        {"index": 0, "message": SAY, "finish_reason": "stop"},
    ]
    other = {"type": "choice", "index": 1, "message": FOUR, "finish_reason": "length"}
    for messages in ([ASK], [ASK, SAY]):
        logged = {"messages": messages, "choices": choices}
        assert turns(logged) == BOTH
        parts = json.loads(read_record(logged).messages[1]["parts"])
        assert parts == [{"type": "text", "text": "4"}, other]


def test_other_choices_stay_beside_a_refusal_and_beside_calls():
    call = {"id": "c", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    for first, text in (
        ({"content": None, "refusal": "No."}, "No."),
        ({"content": None, "tool_calls": [call]}, ""),
    ):
        read = read_record({"messages": [ASK], "choices": [{"message": first}, {"message": FOUR}]})
        assert read.messages[1]["content"] == text
        assert json.loads(read.messages[1]["parts"])[-1]["message"] == FOUR


def test_a_reply_of_tool_calls_has_no_text():
    call = {"id": "c", "type": "function", "function": {"name": "add", "arguments": "{}"}}
    reply = {"role": "assistant", "content": None, "tool_calls": [call]}
    read = read_record({"messages": [ASK], "choices": [{"message": reply}]})
    assert read.messages[1]["content"] == ""
    assert '"name":"add"' in read.messages[1]["tool_calls"]


@pytest.mark.parametrize(
    "failure",
    [
        {"response": {"error": {"message": "overloaded"}}},
        {"response": {"status_code": 500, "body": {"detail": "down"}}},
        {"response": {"status": {"code": 502}, "body": {"string": "<html>Bad gateway</html>"}}},
        {"response": {"status": 200, "body": "<html>Sign in</html>"}},
        {"response": "upstream timed out", "status": 504},
        {"response": "upstream timed out", "status": "504"},
        {"response": RESPONSE, "status_code": 500},
        {"response": None, "error": "timeout"},
        {"response": None, "status": 429},
        {"response": {"choices": []}},
        {"response": None},
    ],
)
def test_a_failed_call_keeps_its_prompt(failure):
    assert turns(record(**failure)) == BOTH[:1]


@pytest.mark.parametrize(
    "failure", [{"error": "timeout"}, {"status": 500}, {"response": {"status_code": 401}}]
)
def test_an_error_without_messages_is_an_error_record(failure):
    with pytest.raises(Unreadable) as caught:
        read_record({"request": {}, **failure})
    assert caught.value.reason == "error_record"


@pytest.mark.parametrize(
    "logged", [{"request": {}}, {"choices": []}, {"messages": "{}", "response": "{}"}]
)
def test_a_record_without_a_prompt_has_no_messages(logged):
    with pytest.raises(Unreadable) as caught:
        read_record(logged)
    assert caught.value.reason == "no_messages"


def test_the_output_of_a_batch_says_where_its_prompts_are():
    output = {"id": "batch_req_1", "custom_id": "q1", "error": None}
    with pytest.raises(Unreadable, match=r"no_messages.*the batch's input file"):
        read_record({**output, "response": {"status_code": 200, "body": RESPONSE}})


def test_a_reply_alone_is_said_to_be_one():
    with pytest.raises(Unreadable, match=r"no_messages.*a reply without"):
        read_record({"question_id": 1, "choices": [{"index": 0, "turns": ["4"]}]})


def test_the_input_of_a_batch_holds_prompts():
    line = {"custom_id": "q1", "method": "POST", "url": "/v1/chat/completions"}
    read = read_record({**line, "body": {"model": "tiny", "messages": [ASK]}})
    assert [message["content"] for message in read.messages] == ["What is 2 + 2?"]
    assert read.source_id is None  # the next batch may begin with q1 again
    together = {**line, "body": {"messages": [ASK]}, "response": {"body": RESPONSE}}
    assert turns(together) == BOTH


@pytest.mark.parametrize(
    "logged",
    [
        {"request": {"input": "Hi"}, "response": {"object": "list", "data": [{"embedding": []}]}},
        {"request": {"input": "Hi"}, "response": {"results": [{"flagged": False}]}},
        {"request": {"prompt": "A cat"}, "response": {"created": 1, "data": [{"url": "x"}]}},
        {"custom_id": "q1", "url": "/v1/embeddings", "body": {"input": "Hi"}},
        {"request": {"uri": "http://x/v1/embeddings", "body": {"input": "Hi"}}, "response": None},
    ],
)
def test_calls_of_models_that_do_not_chat_are_no_chats(logged):
    with pytest.raises(Unreadable, match=r"unknown_format.*no chat model"):
        read_record(logged)


def test_a_text_completion_has_a_prompt():
    logged = {"request": {"prompt": "2 + 2 ="}, "response": {"choices": [{"text": "4"}]}}
    assert turns(logged) == [("user", "2 + 2 ="), ("assistant", "4")]


def test_the_system_prompt_may_stand_beside_the_messages():
    request = {"system": "Be brief.", "messages": [ASK]}
    assert turns(record(request=request)) == [("system", "Be brief."), *BOTH]


def test_the_calls_of_a_cassette_are_read_one_by_one():
    cassette = {"interactions": [record(), record(id="2")], "version": 1}
    assert split_record(cassette) == cassette["interactions"]
    for other in ({"interactions": []}, {"interactions": ["x"]}, {"interactions": [{"a": 1}]}):
        assert split_record(other) == [other]


def test_the_tools_that_were_offered_are_kept_apart_from_the_messages():
    tools = [{"type": "function", "function": {"name": "add", "parameters": {}}}]
    read = read_record(record(request={"messages": [ASK], "tools": tools}))
    assert json.loads(read.tools) == tools
    assert len(read.messages) == 2
    assert read_record(record()).tools is None


def test_id_and_time_are_in_the_headers_where_they_are_nowhere_else():
    headers = {"Date": ["Sat, 09 Mar 2024 12:00:00 GMT"], "X-Request-ID": "req_1"}
    refused = {"status": {"code": 404}, "headers": headers, "body": {"error": {"code": "none"}}}
    read = read_record({"request": {"body": {"messages": [ASK]}}, "response": refused})
    assert (read.source_id, read.started_at, len(read.messages)) == ("req_1", NOON, 1)
    answered = {"headers": headers | {"Date": "never"}, "body": RESPONSE}
    read = read_record({"request": {"messages": [ASK]}, "response": answered})
    assert (read.source_id, read.record_refs) == ("chatcmpl-1", ("chatcmpl-1", "req_1"))


def test_without_a_conversation_id_the_records_own_id_stands_in():
    assert read_record(record()).source_id == "chatcmpl-1"
    assert read_record(record(id="log-1")).source_id == "log-1"
    assert read_record({"messages": [ASK], "response": "4"}).source_id is None


@pytest.mark.parametrize("key", ["conversation_id", "session_id", "thread_id", "chat_id"])
def test_the_conversation_id_may_stand_in_three_places(key):
    for logged in (
        record(id="log-1", **{key: "c1"}),
        record(id="log-1", metadata={key: "c1"}),
        record(id="log-1", request={"messages": [ASK], "metadata": {key: "c1"}}),
    ):
        assert read_record(logged).source_id == "c1"


def test_votes_may_name_the_response_or_the_session():
    read = read_record(record(id="log-1", conversation_id="c1", session_id="s1"))
    assert (read.source_id, read.record_ref, read.session_id) == ("c1", "chatcmpl-1", "s1")
    assert read_record(record(session_id="s1")).session_id is None
    read = read_record(record(request_id="r1"))
    assert (read.source_id, read.record_ref) == ("r1", "chatcmpl-1")


def test_votes_may_name_the_record_though_it_has_a_conversation_and_a_response():
    read = read_record(record(id="log-1", request_id="r1", conversation_id="c1"))
    assert read.record_refs == ("chatcmpl-1", "log-1", "r1")


def test_the_time_is_the_records_else_the_responses():
    assert read_record(record()).started_at == NOON
    read = read_record(record(timestamp="2024-03-09T13:00:00Z"))
    assert (read.started_at.hour, read.updated_at.hour) == (13, 13)
    assert read_record({"messages": [ASK], "response": "4"}).started_at is None


def test_a_conversation_starts_with_its_first_user_turn_if_that_is_known():
    started = {"timestamp": "2024-03-10T09:00:00Z", "session_started_at": "2024-03-09T12:00:00Z"}
    assert read_record(record(**started)).started_at == NOON
    timed = [{**ASK, "timestamp": 1_709_985_600}, SAY, {**ASK, "timestamp": 1_709_989_200}]
    read = read_record(record(request={"messages": timed}, timestamp="2024-03-10T09:00:00Z"))
    assert read.started_at == NOON
    assert read.updated_at.day == 10


def test_model_and_user_are_found():
    read = read_record(record(user_id=17))
    assert (read.model, read.user) == ("tiny-1", "17")
    assert read_record(record(request={"messages": [ASK], "user": "u1"})).user == "u1"


def test_votes_may_come_with_the_chat():
    assert read_record(record(feedback="up")).votes == [Vote("thumb", 1.0)]
    assert read_record(record(metadata={"rating": 4})).votes == [Vote("rating", 4.0)]


def test_a_bad_time_is_bad():
    with pytest.raises(Unreadable, match="bad_timestamp"):
        read_record(record(timestamp="soon"))
