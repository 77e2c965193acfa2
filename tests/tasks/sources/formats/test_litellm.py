import json
from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable
from tasks.sources import FORMATS, read_record

ASK = {"role": "user", "content": "What is 2 + 2?"}
RESPONSE = {
    "id": "chatcmpl-1",
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "4"}}],
}
PAYLOAD = {
    "id": "chatcmpl-1",
    "trace_id": "t1",
    "call_type": "acompletion",
    "status": "success",
    "startTime": 1_709_985_600.5,
    "endTime": 1_709_985_601.5,
    "custom_llm_provider": "openai",
    "model": "tiny",
    "end_user": "u1",
    "request_tags": [],
    "metadata": {"user_api_key_user_id": "team-key", "requester_metadata": {"feedback": "up"}},
    "messages": [ASK],
    "response": RESPONSE,
    "error_str": None,
}
SPEND = {
    "request_id": "chatcmpl-1",
    "session_id": "s1",
    "call_type": "acompletion",
    "status": "success",
    "startTime": "2024-03-09 12:00:00.500000",
    "spend": 0.1,
    "model": "tiny",
    "user": "team-key",
    "end_user": "",
    "metadata": "{}",
    "messages": json.dumps([ASK]),
    "response": json.dumps(RESPONSE),
    "proxy_server_request": "{}",
}
BOTH = [("user", "What is 2 + 2?"), ("assistant", "4")]


def turns(logged):
    return [(message["role"], message["content"]) for message in read_record(logged).messages]


@pytest.mark.parametrize("logged", [PAYLOAD, SPEND, {"standard_logging_object": PAYLOAD}])
def test_a_call_is_its_messages_and_the_reply(logged):
    assert FORMATS["litellm"].recognises(logged)
    assert turns(logged) == BOTH
    read = read_record(logged)
    assert read.started_at == datetime(2024, 3, 9, 12, 0, 0, 500_000, tzinfo=UTC)
    assert (read.record_ref, read.model) == ("chatcmpl-1", "tiny")


def test_a_session_or_a_trace_is_the_conversation():
    assert read_record(PAYLOAD).source_id == "t1"
    assert read_record(SPEND).source_id == "s1"
    assert read_record(SPEND).thread
    assert read_record(PAYLOAD | {"trace_id": None}).source_id == "chatcmpl-1"


def test_the_end_user_goes_before_the_owner_of_the_key():
    assert read_record(PAYLOAD).user == "u1"
    assert read_record(PAYLOAD | {"end_user": ""}).user == "team-key"
    assert read_record(SPEND).user == "team-key"


def test_what_the_caller_said_of_the_call_is_read():
    assert [vote.value for vote in read_record(PAYLOAD).votes] == [1.0]


def test_newer_spend_logs_have_the_prompt_as_the_proxy_received_it():
    for body in ({"messages": [ASK], "tools": [{"type": "function"}]}, {"input": ASK["content"]}):
        sent = SPEND | {"messages": "{}", "proxy_server_request": json.dumps(body)}
        assert turns(sent) == BOTH
    body = {"body": {"system": "Be brief.", "messages": [ASK]}}
    assert turns(SPEND | {"messages": "{}", "proxy_server_request": body})[0][0] == "system"


@pytest.mark.parametrize("prompt", ["What is 2 + 2?", [{"type": "message", **ASK}]])
def test_other_apis_are_read_too(prompt):
    assert turns(PAYLOAD | {"messages": prompt}) == BOTH


def test_a_failed_call_keeps_its_prompt():
    failed = {"status": "failure", "error_str": "litellm.Timeout", "response": {}}
    assert turns(PAYLOAD | failed) == BOTH[:1]
    assert turns(SPEND | {"status": "failure", "response": "{}"}) == BOTH[:1]


@pytest.mark.parametrize(
    ("change", "setting"),
    [
        ({"messages": "{}", "response": "{}"}, "store_prompts_in_spend_logs: true"),
        ({"messages": None, "status": "failure"}, "store_prompts_in_spend_logs: true"),
        (
            {"messages": [{"role": "user", "content": "redacted-by-litellm"}]},
            "turn_off_message_logging: false",
        ),
        (
            {"messages": [ASK | {"content": "a... (litellm_truncated skipped 9 chars) ...b"}]},
            "MAX_STRING_LENGTH_PROMPT_IN_DB",
        ),
    ],
)
def test_a_prompt_that_was_not_logged_names_the_setting_that_keeps_it(change, setting):
    with pytest.raises(Unreadable) as caught:
        read_record(SPEND | change)
    assert caught.value.reason == "prompts_not_logged"
    assert setting in caught.value.detail


@pytest.mark.parametrize("text", ["redacted-by-litellm", "a... (litellm_truncated skipped 9 ch"])
def test_a_reply_that_is_not_what_the_user_saw_is_left_out(text):
    message = {"role": "assistant", "content": text}
    assert turns(PAYLOAD | {"response": {"choices": [{"message": message}]}}) == BOTH[:1]


@pytest.mark.parametrize("call_type", ["aembedding", "image_generation", "arerank", "moderation"])
def test_a_call_of_another_kind_is_no_chat(call_type):
    with pytest.raises(Unreadable, match=f"unknown_format.*{call_type}"):
        read_record(PAYLOAD | {"call_type": call_type, "messages": "a text"})
