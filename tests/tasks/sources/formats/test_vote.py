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
    "key",
    [
        *("target_id", "conversation_id", "response_id", "message_id", "thread_id", "trace_id"),
        *("session_id", "request_id", "run_id", "conversationId", "Message ID", "traceId"),
    ],
)
def test_every_kind_of_target_is_known(key):
    assert read_record({key: "x", "rating": 3}) == [Vote("rating", 3.0, "x")]


def test_the_target_id_names_the_target_when_there_are_several_ids():
    assert read_record({"conversation_id": "c1", "target_id": "t1", "vote": 1})[0].target_id == "t1"


def test_the_narrowest_id_is_the_target_and_the_next_one_stands_in_for_it():
    row = {"session_id": "s", "conversation_id": "c", "message_id": "m", "rating": 3}
    assert read_record(row) == [Vote("rating", 3.0, "m", within_id="c")]
    assert read_record({"session_id": "s", "trace_id": "t", "value": 1})[0].within_id == "s"
    assert read_record({"session_id": "s", "value": 1})[0].within_id is None


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


@pytest.mark.parametrize("turn", ["one", "-1", True, -1, 2**40, "9" * 12, None])
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


@pytest.mark.parametrize(
    ("cell", "value"),
    [("1", 1.0), ("0", 0.0), ("-1", 0.0), ("true", 1.0), ("False", 0.0), ("👍", 1.0), ("👎", 0.0)],
)
@pytest.mark.parametrize("key", ["thumbs", "thumbs_up", "liked", "vote", "feedback", "value"])
def test_a_cell_of_a_table_is_heard_as_a_thumb(key, cell, value):
    row = {"trace_id": "t", key: cell, "comment": "", "timestamp": "2024-03-09T12:00:00Z"}
    at = datetime(2024, 3, 9, 12, tzinfo=UTC)
    assert read_record(row) == [Vote("thumb", value, "t", at=at)]


def test_an_empty_row_is_a_vote_that_was_not_cast():
    row = {"trace_id": "t", "rating": "", "comment": ""}
    assert read_record(row) == [Vote("thumb", None, "t")]


@pytest.mark.parametrize(
    ("given", "kind", "value"),
    [
        ({"rating": "4"}, "rating", 4.0),
        ({"value": "4"}, "rating", 4.0),
        ({"score": "0.5"}, "score", 0.5),
        ({"reward": "-0.25"}, "reward", -0.25),
        ({"name": "correct", "score": 1, "turn": "0"}, "correct", 1.0),
        ({"metric": "tone", "value": "0.5"}, "tone", 0.5),
        ({"key": "user_score", "score": True}, "user_score", 1.0),
        ({"kind": "thumbs", "value": "down"}, "thumb", 0.0),
        ({"name": "tone", "result": {"score": 0.5, "label": "so so"}}, "tone", 0.5),
    ],
)
def test_a_value_is_named_by_its_column_or_its_name(given, kind, value):
    (vote,) = read_record({"run_id": "r", **given})
    assert (vote.kind, vote.value) == (kind, value)


def test_words_that_are_no_verdict_stay_in_the_comment():
    (vote,) = read_record({"run_id": "r", "metric": "tone", "value": "rude", "comment": "Hm."})
    assert (vote.kind, vote.value, vote.comment) == ("tone", None, "rude\nHm.")


@pytest.mark.parametrize(
    ("key", "kind"),
    [
        ("corrected", "edit"),
        ("edited_response", "edit"),
        ("ideal", "edit"),
        ("correctedResponse", "edit"),
        ("demonstration", "demonstration"),
    ],
)
@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("Better.", "Better."),
        ({"role": "assistant", "content": "Better."}, "Better."),
        ([{"type": "text", "text": "Better."}], "Better."),
        ('{"a": 1}', '{"a": 1}'),
        ({"a": 1}, '{"a":1}'),
    ],
)
def test_the_text_of_an_edit_is_its_comment(key, kind, written, text):
    assert read_record({"message_id": "m", key: written}) == [Vote(kind, None, "m", comment=text)]


def test_an_edit_with_a_rating_and_a_remark_is_two_votes():
    row = {"message_id": "m", "id": "v", "rating": 2, "comment": "Wrong.", "corrected": "Right."}
    assert read_record(row) == [
        Vote("rating", 2.0, "m", "v", comment="Wrong."),
        Vote("edit", None, "m", "v", comment="Right."),
    ]
    remark = {"message_id": "m", "comment": "Wrong.", "corrected": "Right."}
    assert [(vote.kind, vote.comment) for vote in read_record(remark)] == [
        ("comment", "Wrong."),
        ("edit", "Right."),
    ]


@pytest.mark.parametrize("flag", [True, "true", "False", 0, "", None])
def test_that_something_was_edited_is_no_edit(flag):
    (vote,) = read_record({"message_id": "m", "edited": flag, "rating": 2})
    assert vote.kind == "rating"
