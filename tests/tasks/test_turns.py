"""One prompt per user turn, with as much of its conversation as fits."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import contracts
from schemas.filter_settings import FilterSettings
from tasks.judge import judge
from tasks.token_estimate import message_tokens
from tasks.turns import turns

DAY = date(2026, 3, 2)
ROOMY = 10**6


def said(role, content="", *, calls=None, answers=None):
    return {
        "role": role,
        "content": content,
        "parts": None,
        "name": None,
        "tool_call_id": answers,
        "tool_calls": calls,
    }


def called(*ids):
    return "[" + ", ".join(f'{{"id": "{id_}", "type": "function"}}' for id_ in ids) + "]"


def chat(id_, messages):
    return {
        "day": DAY,
        "chat_id": id_,
        "source": "logs",
        "source_id": None,
        "session_id": None,
        "record_id": id_,
        "started_at": datetime(2026, 3, 2),
        "updated_at": datetime(2026, 3, 2),
        "model": None,
        "user_key": "u",
        "language": "en",
        "messages": messages,
        "traits": ["chat_trait"],
        "pii": [],
        "tools": None,
        "vote": None,
    }


def rows(*talks, budget=ROOMY, **columns):
    """Return the prompts of chats c0, c1 ... made of these messages."""
    made = [chat(f"c{n}", talk) | columns for n, talk in enumerate(talks)]
    chats = contracts.frame("chats", made)
    known = chats.with_columns(input_hash=pl.lit(1, pl.UInt64))
    return turns(known, FilterSettings(max_context_tokens=budget)).to_dicts()


def last(talk, budget=ROOMY):
    return rows(talk, budget=budget)[-1]


def shown(prompt):
    return [one["content"] for one in prompt["messages"]]


U, A, S, T = "user", "assistant", "system", "tool"
LONG = "word " * 100  # 150 tokens
CALL = said(A, calls=called("k"))
TALKS = {
    "two user messages in a row": ([said(U, "one"), said(U, "two")], [["one"], ["one", "two"]]),
    "a chat that ends with the user": (
        [said(U, "one"), said(A, "yes"), said(U, "two")],
        [["one"], ["one", "yes", "two"]],
    ),
    "what the assistant says last is in no context": ([said(U, "one"), said(A, "x")], [["one"]]),
    "an assistant that greets": ([said(A, "hello"), said(U, "one")], [["hello", "one"]]),
    "a call without words": (
        [said(U, "one"), CALL, said(T, "4", answers="k"), said(A, "four"), said(U, "two")],
        [["one"], ["one", "", "4", "four", "two"]],
    ),
    "a system message in the middle": (
        [said(U, "one"), said(S, "rule"), said(U, "two")],
        [["one"], ["one", "rule", "two"]],
    ),
    "an empty turn among others": (
        [said(U, ""), said(A, "?"), said(U, "x")],
        [[""], ["", "?", "x"]],
    ),
}


@pytest.mark.parametrize("case", TALKS)
def test_each_user_message_is_a_turn_after_all_that_was_said_before(case):
    talk, expected = TALKS[case]
    made = rows(talk)
    assert [shown(one) for one in made] == expected
    assert [one["prompt_id"] for one in made] == [f"c0-{n}" for n in range(len(expected))]
    assert all(one["traits"] == ["chat_trait"] for one in made)


def test_oldest_messages_go_whole_and_the_row_says_so():
    talk = [said(U, LONG), said(A, "a"), said(U, "b"), said(A, LONG), said(U, "why?")]
    prompt = last(talk, budget=160)
    assert shown(prompt) == [LONG, "why?"]
    assert prompt["traits"] == ["chat_trait", "context_cut"]
    assert last(talk, budget=400)["traits"] == ["chat_trait"]


def test_an_old_message_that_would_fit_does_not_stay_behind_one_that_does_not():
    talk = [said(U, "short"), said(A, LONG), said(U, "why?")]
    assert shown(last(talk, budget=30)) == ["why?"]


def test_system_messages_and_the_turn_stay_even_when_they_alone_are_too_much():
    talk = [said(S, LONG), said(U, "a"), said(A, "b"), said(S, "late rule"), said(U, LONG)]
    assert shown(last(talk, budget=1)) == [LONG, "late rule", LONG]


def test_a_prompt_that_is_too_long_without_any_context_is_not_called_cut():
    assert last([said(S, LONG), said(U, LONG)], budget=1)["traits"] == ["chat_trait"]


RESULT = said(T, "4", answers="k")
ORPHANS = {
    "its call went": [said(A, LONG, calls=called("k")), RESULT],
    "its call went, and a user spoke between": [
        said(A, LONG, calls=called("j", "k")),
        said(T, "3", answers="j"),
        said(U, "wait"),
        RESULT,
    ],
    "no id": [said(A, LONG, calls=called("k")), said(T, "4")],
    "an id that no call has": [said(A, LONG, calls=called("k")), said(T, "4", answers="other")],
    "the call was not logged": [said(A, LONG), RESULT],
    "the call is no JSON object": [said(A, LONG, calls='["search"]'), RESULT],
}


@pytest.mark.parametrize("case", ORPHANS)
def test_a_tool_result_goes_with_its_call(case):
    talk = [said(U, "one"), *ORPHANS[case], said(A, "four"), said(U, "two")]
    assert shown(last(talk, budget=100)) == ["four", "two"]


def test_a_tool_result_whose_call_fits_stays():
    talk = [said(U, LONG), CALL, RESULT, said(A, "four"), said(U, "two")]
    assert shown(last(talk, budget=100)) == ["", "4", "four", "two"]


def test_chats_without_a_user_and_days_without_chats_have_no_prompts():
    assert rows([said(A, "hello")]) == []
    assert rows() == []
    assert [one["chat_id"] for one in rows([said(A, "hi")], [said(U, "x")])] == ["c1"]


MESSAGES = st.builds(
    lambda role, content, id_: said(
        role,
        content,
        calls=called(id_) if role == A and id_ else None,
        answers=id_ if role == T else None,
    ),
    st.sampled_from([U, A, S, T]),
    st.sampled_from(["", "x", "你好，世界", "word " * 20, "\ud55c\uad6d\uc5b4 " * 30]),
    st.sampled_from([None, "i", "j", "k"]),
)


@given(st.lists(st.lists(MESSAGES, max_size=12), max_size=3), st.integers(1, 120))
@settings(max_examples=60, deadline=None)
def test_a_budget_takes_whole_messages_from_the_old_end_and_changes_nothing_else(talks, budget):
    whole, cut = rows(*talks), rows(*talks, budget=budget)
    assert len(cut) == sum(one["role"] == U for talk in talks for one in talk)
    for before, after in zip(whole, cut, strict=True):
        fixed = {**before, "messages": after["messages"], "traits": after["traits"]}
        assert after == fixed
        lost = _lost(before["messages"], after["messages"])
        assert ("context_cut" in after["traits"]) == bool(lost)
        spoken = [one for one in after["messages"][:-1] if one["role"] != S]
        assert spoken == [] or sum(message_tokens(after["messages"])) < budget + 1e-6
        assert all(_called_before(after["messages"], before["messages"], one) for one in spoken)


def _lost(before, after):
    """Return what went; fails when more than system messages stays before a run to the end."""
    assert after[-1] == before[-1]
    kept = next(
        n
        for n in range(len(before))
        if [*(m for m in before[:n] if m["role"] == S), *before[n:]] == after
    )
    return [one for one in before[:kept] if one["role"] != S]


def _called_before(shown_, logged, result):
    """Tell whether a tool result has its call in `shown_`, if it had one when it was logged."""
    if result["role"] != T or not result["tool_call_id"]:
        return True
    wanted = f'"{result["tool_call_id"]}"'
    calls = [one for one in logged if wanted in (one["tool_calls"] or "")]
    return not calls or any(wanted in (one["tool_calls"] or "") for one in shown_)


@pytest.mark.parametrize(
    ("tools", "offered"), [('[{"type": "function"}]', True), ("[]", False), (None, False)]
)
def test_a_turn_says_that_its_model_could_call_tools(tools, offered):
    talk = [said(U, "What is the weather in Oslo?")]
    (prompt,) = rows(talk, tools=tools)
    assert ("tools_offered" in prompt["traits"]) == offered
    chats = contracts.frame("chats", [chat("c0", talk) | {"tools": tools}])
    (judged,) = judge(
        chats.with_columns(input_hash=pl.lit(1, pl.UInt64)), FilterSettings()
    ).to_dicts()
    assert ("tool_use" in judged["traits"]) == offered
    assert judged["drop_reason"] == (None if offered else "needs_today")
