from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources import read_record


def test_a_vote_names_its_target_turn_and_time():
    logged = {"id": "v1", "conversation_id": "c1", "turn": 2, "feedback": "up"}
    logged |= {"comment": "Thanks!", "timestamp": "2024-03-09T12:00:00Z", "source": "web"}
    assert read_record(logged) == [
        Vote("thumb", 1.0, "c1", "v1", 2, "Thanks!", datetime(2024, 3, 9, 12, tzinfo=UTC))
    ]


@pytest.mark.parametrize(
    "key", ["target_id", "conversation_id", "response_id", "message_id", "thread_id"]
)
def test_every_kind_of_target_is_known(key):
    assert read_record({key: "x", "rating": 3}) == [Vote("rating", 3.0, "x")]


def test_the_target_id_names_the_target_when_there_are_several_ids():
    assert read_record({"conversation_id": "c1", "target_id": "t1", "vote": 1})[0].target_id == "t1"


def test_the_time_of_a_vote_may_stand_inside_it():
    inside = {"value": "up", "timestamp": "2024-03-09T12:00:00Z"}
    (vote,) = read_record({"target_id": "x", "vote": inside, "timestamp": "2024-03-10"})
    assert vote.at == datetime(2024, 3, 9, 12, tzinfo=UTC)


def test_a_comment_alone_is_a_vote():
    assert read_record({"target_id": "x", "comment": "Hm."}) == [
        Vote("comment", None, "x", comment="Hm.")
    ]


def test_a_vote_taken_back_is_counted():
    assert read_record({"target_id": "x", "thumbs": None}) == [Vote("thumb", None, "x")]


@pytest.mark.parametrize("turn", ["1", True, -1, 2**40, None])
def test_a_turn_is_a_whole_number_from_zero(turn):
    assert read_record({"target_id": "x", "vote": 1, "turn": turn})[0].turn is None


def test_a_vote_without_a_target_is_unknown():
    with pytest.raises(Unreadable, match="unknown_format"):
        read_record({"vote": "up"})


def test_a_chat_with_a_vote_is_a_chat():
    logged = {
        "conversation_id": "c1",
        "messages": [{"role": "user", "content": "Hi"}],
        "vote": "up",
    }
    assert read_record(logged).votes == [Vote("thumb", 1.0)]


def test_a_vote_at_an_impossible_time_is_unreadable():
    with pytest.raises(Unreadable, match="bad_timestamp"):
        read_record({"target_id": "x", "vote": 1, "timestamp": 12})
