from datetime import UTC, datetime

import pytest

from schemas.conversation import Unreadable, Vote
from tasks.sources.votes import number, votes_in


@pytest.mark.parametrize("up", ["up", "Thumbs_Up", "👍", "like", True, 1, 1.0, "1", "+1"])
def test_a_thumb_up_is_one(up):
    assert votes_in({"feedback": up}) == [Vote("thumb", 1.0)]


@pytest.mark.parametrize("down", ["down", "dislike", "👎", "bad", False, -1, 0, "-1", "0"])
def test_a_thumb_down_is_zero(down):
    assert votes_in({"thumbs": down}) == [Vote("thumb", 0.0)]


@pytest.mark.parametrize(
    ("value", "as_logged"), [(1, 1.0), (4, 4.0), ("3.5", 3.5), (0, 0.0), (-1, -1.0)]
)
def test_ratings_and_scores_stay_as_logged(value, as_logged):
    assert votes_in({"rating": value}) == [Vote("rating", as_logged)]
    assert votes_in({"score": value}) == [Vote("score", as_logged)]


def test_a_rating_may_be_a_thumb():
    assert votes_in({"rating": "up"}) == [Vote("thumb", 1.0)]


def test_text_is_the_comment_of_a_vote_without_a_value():
    assert votes_in({"feedback": "Too long."}) == [Vote("feedback", None, comment="Too long.")]


def test_a_vote_may_have_a_comment_and_a_time():
    place = {
        "feedback": {"value": "down", "comment": "Wrong.", "timestamp": "2024-03-09T12:00:00Z"}
    }
    assert votes_in(place, turn=2) == [
        Vote("thumb", 0.0, turn=2, comment="Wrong.", at=datetime(2024, 3, 9, 12, tzinfo=UTC))
    ]
    assert votes_in({"vote": 1, "comment": "Fine."}) == [Vote("thumb", 1.0, comment="Fine.")]


def test_several_votes_stand_side_by_side_or_in_a_list():
    assert votes_in({"rating": 4, "vote": "up"}) == [Vote("rating", 4.0), Vote("thumb", 1.0)]
    assert votes_in({"feedback": ["up", {"rating": 0}]}) == [Vote("thumb", 1.0), Vote("thumb", 0.0)]


def test_no_comment_is_lost_beside_another():
    place = {"feedback": {"value": "meh", "reason": "Too long."}, "comment": "Sorry."}
    assert votes_in(place) == [Vote("feedback", None, comment="meh\nToo long.\nSorry.")]


def test_the_type_of_a_vote_may_be_its_verdict():
    assert votes_in({"feedback": {"type": "thumbs_up"}}) == [Vote("thumb", 1.0)]
    typed = {"feedback": {"type": "remark", "text": "Nice."}}
    assert votes_in(typed) == [Vote("feedback", None, comment="Nice.")]


def test_a_vote_of_unknown_shape_is_kept_as_its_comment():
    assert votes_in({"feedback": {"stars": [5]}}) == [
        Vote("feedback", None, comment='{"stars":[5]}')
    ]


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_an_empty_vote_is_none(nothing):
    assert votes_in({"feedback": nothing}) == votes_in({}) == []


def test_a_vote_from_the_future_is_unreadable():
    with pytest.raises(Unreadable, match="bad_timestamp"):
        votes_in({"feedback": {"value": 1, "timestamp": "2100-01-01"}})


def test_only_numbers_that_a_float_holds_are_numbers():
    assert number(True) == number(1) == 1.0
    for value in (float("nan"), float("inf"), 10**400, "1", None):
        assert number(value) is None
