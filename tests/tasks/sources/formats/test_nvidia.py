from datetime import UTC, datetime

import pytest

from tasks.sources import format_of, read_record

ASK = {"role": "user", "content": "Where is Oslo?"}
SAY = {"role": "assistant", "content": "Norway."}


def call(workload="agent.chat", **fields):
    return {
        "timestamp": 1_709_985_600,
        "client_id": "app",
        "workload_id": workload,
        "request": {"model": "tiny", "messages": [ASK], "tools": []},
        "response": {"choices": [{"message": SAY}]},
    } | fields


def test_a_call_of_a_workload_is_its_messages_and_the_reply():
    read = read_record(call())
    assert format_of(call()) == "nvidia"
    assert [m["content"] for m in read.messages] == ["Where is Oslo?", "Norway."]
    assert (read.started_at, read.model) == (datetime(2024, 3, 9, 12, tzinfo=UTC), "tiny")


def test_workload_and_client_are_neither_conversation_nor_user():
    read = read_record(call(response={"id": "c1", "choices": [{"message": SAY}]}))
    assert (read.source_id, read.thread, read.session_id, read.user) == ("c1", None, None, None)


@pytest.mark.parametrize(
    "other",
    [
        call("agent.router"),
        call(client_id="app2"),
        call(timestamp=1_709_985_601),
        call(request={"messages": [{"role": "system", "content": "Route."}, ASK]}),
    ],
)
def test_calls_without_an_id_are_told_apart_though_they_begin_alike(other):
    assert read_record(other).source_id != read_record(call()).source_id


def test_a_call_that_is_logged_again_is_the_same_one():
    again = read_record(call(response={"choices": []}))
    assert again.source_id == read_record(call()).source_id


def test_a_conversation_id_beside_it_is_one():
    read = read_record(call(conversation_id="c1"))
    assert read.source_id == "c1"
    assert read.thread
