import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.conversation import Unreadable
from tasks.sources import read_record, split_record


def node(id_, *replies, **fields):
    role = "prompter" if id_.startswith("u") else "assistant"
    return {"message_id": id_, "text": id_.upper(), "role": role, "replies": [*replies], **fields}


def tree(prompt, **fields):
    return {"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": prompt, **fields}


def paths(logged):
    """Return the texts of each chat, without spaces between."""
    chats = [read_record(piece) for piece in split_record(logged)]
    return [" ".join(message["content"] for message in chat.messages) for chat in chats]


def test_the_best_ranked_reply_answers_the_last_user_turn():
    replies = [node("a1"), node("a2", rank=1), node("a3", rank=0)]
    assert paths(tree(node("u1", *replies))) == ["U1 A3"]
    assert paths(tree(node("u1", node("a1"), node("a2")))) == ["U1 A1"]
    assert paths(tree(node("u1"))) == ["U1"]


def test_every_user_turn_is_in_a_chat_and_no_chat_is_part_of_another():
    deep = node("a2", node("u2", node("a3", rank=0)), node("u3"), rank=1)
    assert paths(tree(node("u1", node("a1", rank=0), deep))) == ["U1 A2 U2 A3", "U1 A2 U3"]


def test_what_people_threw_out_is_left_out_with_all_below():
    gone = node("a1", node("u2"), deleted=True)
    spam = node("u3", node("a3"), review_result=False)
    kept = node("a2", spam, rank=4, review_result=True, deleted=False)
    assert paths(tree(node("u1", gone, kept))) == ["U1 A2"]


@pytest.mark.parametrize(
    "logged",
    [
        tree(node("u1"), tree_state="aborted_low_grade"),
        tree(node("u1"), tree_state="halted_by_moderator"),
        tree(node("u1", deleted=True)),
    ],
)
def test_a_tree_of_which_nothing_is_left_says_so(logged):
    assert split_record(logged) == [logged]
    with pytest.raises(Unreadable, match=r"no_user_turn.*nothing is left"):
        read_record(logged)


def test_a_chat_is_named_after_its_tree_and_its_last_user_turn():
    reply = node("a1", model_name="tiny", rank=0)
    [piece] = split_record(tree(node("u1", reply, created_date="2023-02-05T12:00:00+00:00")))
    read = read_record(piece)
    assert (read.source_id, read.session_id, read.record_ref) == ("t/u1", "t", "a1")
    assert (read.started_at, read.model) == (datetime(2023, 2, 5, 12, tzinfo=UTC), "tiny")


def test_rows_that_name_their_parent_are_not_joined():
    row = {"message_tree_id": "t", "message_id": "a", "parent_id": "u", "text": "x", "role": "y"}
    with pytest.raises(Unreadable, match="unknown_format"):
        read_record(row)


@st.composite
def trees(draw):
    numbers = iter(range(1, 1_000))

    def grow(role, depth):
        replies = draw(st.integers(0, 3 if depth else 0))
        below = [grow("a" if role == "u" else "u", depth - 1) for _ in range(replies)]
        return node(f"{role}{next(numbers)}", *below, rank=draw(st.none() | st.integers(0, 3)))

    return tree(grow("u", 4))


def users(logged):
    mine = [logged["text"]] if logged["role"] == "prompter" else []
    return mine + [text for reply in logged["replies"] for text in users(reply)]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(trees())
def test_the_chats_of_any_tree_hold_all_its_user_turns_and_end_in_different_ones(logged):
    pieces = split_record(json.loads(json.dumps(logged)))
    said = [
        [m["content"] for m in read_record(piece).messages if m["role"] == "user"]
        for piece in pieces
    ]
    assert {text for texts in said for text in texts} == set(users(logged["prompt"]))
    assert len({texts[-1] for texts in said}) == len(said)
    assert not any(texts[-1] in other[:-1] for texts in said for other in said)
    assert len({read_record(piece).source_id for piece in pieces}) == len(pieces)
