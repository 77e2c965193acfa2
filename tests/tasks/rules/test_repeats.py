"""The same user says the same again."""

import pytest

ASK = "What is the capital of Chad, and of Mali?"


def chat(row, *texts, **other):
    """Return the turns of one chat, each answered."""
    before, rows = [], []
    for text in texts:
        rows.append(row(text, before=tuple(before), **other))
        before += [("user", text), ("assistant", f"Fine: {text}")]
    return rows


def reasons(judged_rows):
    return judged_rows.sort("chat_id", "turn")["drop_reason"].to_list()


@pytest.mark.parametrize(
    "reply", ["B", "yes", "Make it shorter", "Another one, please", "再短一点"]
)
def test_a_short_reply_may_be_said_again_within_a_chat(row, judged, reply):
    talk = chat(row, ASK, reply, "And who governs it today, do you know?", reply, user_key="u")
    assert reasons(judged(talk, off=("needs_today",))) == [None] * 4


@pytest.mark.parametrize("ask", [ASK, "请告诉我乍得和马里的首都分别是什么"])
def test_a_whole_question_may_not(row, judged, ask):
    found = judged(chat(row, ask, "Tell me more about it.", ask))
    assert reasons(found) == [None, None, "same_user_repeat"]


def test_a_chat_that_is_wanted_whole_may_go_on_twice(row, judged):
    talk = chat(row, "Write a long story.", "continue", "continue")
    assert reasons(judged(talk, keep_continuations=True)) == [None] * 3


def test_what_follows_a_cut_context_is_no_repeat_in_another_chat(row, judged):
    short = "Make it shorter, please."
    rows = [row(short, chat_id=id_, turn=1, user_key="u", traits=["context_cut"]) for id_ in "ab"]
    assert reasons(judged(rows)) == [None, None]
    rows = [row(short, chat_id=id_, turn=1, user_key="u") for id_ in "ab"]
    assert reasons(judged(rows)) == [None, "same_user_repeat"]
