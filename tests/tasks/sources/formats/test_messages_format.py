from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources import read_record

ASK, SAY = {"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}


def test_messages_alone_are_a_conversation():
    read = read_record({"messages": [ASK, SAY]})
    assert [message["content"] for message in read.messages] == ["Hi", "Hello"]
    assert (read.source_id, read.started_at, read.user, read.votes) == (None, None, None, [])


def test_what_stands_around_the_messages_is_read():
    read = read_record(
        {"id": 7, "messages": [ASK], "created_at": 1_709_985_600, "updated_at": 1_709_989_200}
        | {"model": "tiny", "user": "u1", "metadata": '{"rating": 5}'}
    )
    assert (read.source_id, read.record_ref, read.model, read.user) == ("7", "7", "tiny", "u1")
    assert read.started_at == datetime(2024, 3, 9, 12, tzinfo=UTC)
    assert read.updated_at == datetime(2024, 3, 9, 13, tzinfo=UTC)
    assert read.votes == [Vote("rating", 5.0)]


def test_a_vote_at_a_reply_is_about_the_user_turn_before_it():
    items = [{"role": "system", "content": "Be brief."}, ASK, SAY, ASK, {**SAY, "feedback": "down"}]
    assert read_record({"messages": items}).votes == [Vote("thumb", 0.0, turn=1)]


def test_a_vote_at_a_greeting_is_about_the_whole_conversation():
    assert read_record({"messages": [{**SAY, "vote": "up"}, ASK]}).votes == [Vote("thumb", 1.0)]


@pytest.mark.parametrize("odd", [True, [], {}, 1.5, None, ""])
def test_only_text_and_whole_numbers_are_ids(odd):
    assert read_record({"messages": [ASK], "id": odd}).source_id is None


def test_the_last_time_among_the_messages_is_the_last_sign_of_life():
    items = [{**ASK, "timestamp": 1_709_985_600}, {**SAY, "timestamp": 1_709_985_660}]
    read = read_record({"messages": items})
    assert (read.updated_at - read.started_at).seconds == 60


def test_an_empty_user_text_beside_others_is_kept():
    said = [{"role": "user", "content": ""}, ASK]
    assert [m["content"] for m in read_record({"messages": said}).messages] == ["", ASK["content"]]


@pytest.mark.parametrize(
    ("logged", "reason"),
    [
        ({"messages": None}, "no_messages"),
        ({"messages": []}, "no_messages"),
        ({"messages": [SAY]}, "no_user_turn"),
        ({"messages": [{"role": "pope"}]}, "bad_role"),
        ({"messages": [ASK], "timestamp": 1}, "bad_timestamp"),
        ({"messages": [{**ASK, "timestamp": "2100-01-01"}]}, "bad_timestamp"),
    ],
)
def test_what_is_wrong_has_its_reason(logged, reason):
    with pytest.raises(Unreadable) as caught:
        read_record(logged)
    assert caught.value.reason == reason


def test_exchanges_of_one_session_are_told_apart_and_versions_of_a_growing_chat_are_not():
    later = {"role": "user", "content": "And now?"}
    whole, grown, exchange = (
        read_record({"session_id": "s", "messages": messages})
        for messages in ([ASK, SAY], [ASK, SAY, later, SAY], [later, SAY])
    )
    assert whole.source_id == grown.source_id == exchange.source_id == "s"
    assert whole.thread == grown.thread != exchange.thread
    assert read_record({"id": "m1", "messages": [ASK]}).thread is None
