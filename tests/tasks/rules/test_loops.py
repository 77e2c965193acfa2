"""A retry loop is kept or dropped whole."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import contracts
from schemas.filter_settings import FilterSettings
from schemas.release_settings import DatasetSettings
from tasks.datasets.split import splits
from tasks.judge import judge

ERROR = "ZeroDivisionError: division by zero"
GERMAN = "Wie kann ich eine Liste von Namen in meinem Programm sortieren?"
ASK = "Write a program that divides one by a number of my choice."


def chats(*talks, user=None):
    """Return a day of chats, c0, c1 ..., in which an assistant replies to each of these texts."""
    rows = [_chat(f"c{n}", talk, user) for n, talk in enumerate(talks)]
    return contracts.frame("chats", rows).with_columns(input_hash=pl.lit(1, pl.UInt64))


def _chat(id_, texts, user):
    unset = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    pairs = [(r, t) for text in texts for r, t in (("user", text), ("assistant", "Try this."))]
    at = datetime(2026, 3, 2)
    return {
        "day": date(2026, 3, 2),
        "chat_id": id_,
        "source": "logs",
        "record_id": id_,
        "started_at": at,
        "updated_at": at,
        "user_key": user,
        "language": "en",
        "messages": [{"role": role, "content": text, **unset} for role, text in pairs],
        "traits": [],
        "pii": [],
        **dict.fromkeys(("source_id", "session_id", "model", "tools", "vote")),
    }


def reasons(*talks, user=None, **cfg):
    """Return the drop reasons of each chat's turns, in order."""
    rows = judge(chats(*talks, user=user), FilterSettings(**cfg)).sort("chat_id", "turn")
    found = rows.group_by("chat_id", maintain_order=True).agg("drop_reason")
    return found["drop_reason"].to_list()


def test_a_loop_without_fault_is_kept_whole():
    assert reasons([ASK, ERROR, "It still fails."]) == [[None] * 3]


def test_a_dropped_request_takes_the_turns_of_its_loop_along():
    found = reasons([GERMAN, ERROR, "It still fails.", "What is recursion, in two sentences?"])
    assert found == [["language_not_wanted", "rest_of_loop", "rest_of_loop", None]]


def test_a_dropped_retry_takes_its_request_and_the_other_retries_along():
    long = f"{ERROR} {'at line 3 of main ' * 10}"
    found = reasons(["What is a list?", ASK, ERROR, long, "It still fails."], max_chars=100)
    assert found == [[None, "rest_of_loop", "rest_of_loop", "too_long", "rest_of_loop"]]


def test_the_value_counts_the_turns_that_were_dropped():
    rows = judge(chats([GERMAN, ERROR, "It still fails."]), FilterSettings()).sort("turn")
    (hit,) = rows["rule_hits"][2]
    assert hit == {"rule": "rest_of_loop", "value": 1.0}


def test_two_loops_of_one_chat_do_not_concern_each_other():
    assert reasons([GERMAN, ERROR, ASK, ERROR]) == [
        ["language_not_wanted", "rest_of_loop", None, None]
    ]


@pytest.mark.parametrize("aside", ["continue", "Thanks!", "继续"])
@pytest.mark.parametrize("keep", [True, False])
def test_a_continuation_within_a_loop_neither_breaks_nor_drops_it(aside, keep):
    gone = None if keep else "bare_continuation"
    found = reasons([ASK, aside, ERROR, aside, "It still fails."], keep_continuations=keep)
    assert found == [[None, gone, None, gone, None]]
    found = reasons([GERMAN, aside, ERROR], keep_continuations=keep)
    assert found == [["language_not_wanted", gone, "rest_of_loop"]]


def test_a_loop_is_whole_whatever_the_context_budget_cut_away():
    talk = [GERMAN, ERROR, "It still fails.", "It still fails."]
    for budget in (1, 20, 40, 8_000):
        assert reasons(talk, max_context_tokens=budget) == [
            ["language_not_wanted", *["rest_of_loop"] * 3]
        ]
        assert reasons([ASK, *talk[1:]], max_context_tokens=budget) == [[None] * 4]


def test_a_cosmetic_rule_drops_no_turn_of_a_loop_so_it_stays_whole():
    rows = judge(chats(["fix", ERROR]), FilterSettings()).sort("turn")
    assert rows["drop_reason"].to_list() == [None, None]
    assert [hit["rule"] for hit in rows["rule_hits"][0]] == ["too_short"]
    assert reasons(["fix", "What is recursion, in two sentences?"])[0][0] == "too_short"


def test_an_error_said_again_within_a_loop_is_no_repeat_of_the_user():
    assert reasons([ASK, ERROR, ERROR, "It still fails.", "It still fails."]) == [[None] * 5]
    assert reasons([ASK, "Thank you for that.", ASK])[0][2] == "same_user_repeat"


def test_a_loop_that_repeats_another_chat_of_the_user_goes_as_a_whole():
    found = reasons([ASK, ERROR], [ASK, ERROR], user="u")
    assert found == [[None, None], ["same_user_repeat", "rest_of_loop"]]


@pytest.mark.parametrize("setting", ["off", "tag_only"])
def test_the_rule_can_be_switched_off_or_only_tag(setting):
    cfg = {setting: ("rest_of_loop",)}
    assert reasons([GERMAN, ERROR], **cfg) == [["language_not_wanted", None]]
    rows = judge(chats([GERMAN, ERROR]), FilterSettings(**cfg)).sort("turn")
    assert ("rest_of_loop" in rows["traits"][1]) == (setting == "tag_only")


def test_turns_of_a_loop_share_the_split():
    rows = judge(chats(*[[ASK, ERROR, "It still fails."]] * 40), FilterSettings())
    rows = rows.with_columns(area=pl.lit("qa"), kind=pl.lit("how_to"))
    found = rows.with_columns(splits(rows, DatasetSettings(validation_share=0.5)))
    sides = found.group_by("chat_id").agg(pl.col("split").n_unique())
    assert sides["split"].to_list() == [1] * 40


TEXTS = st.sampled_from([ASK, GERMAN, ERROR, "It still fails.", "fix", "x" * 30, "", "continue"])


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.lists(TEXTS, min_size=1, max_size=7), max_size=3), st.sampled_from([1, 30, 8_000])
)
def test_no_loop_is_kept_in_part(talks, budget):
    cfg = FilterSettings(max_context_tokens=budget)
    rows = judge(chats(*talks), cfg).sort("chat_id", "turn")
    asides = (pl.col("prompt") == "continue") & (pl.col("turn") > 0)
    loop: list[bool] = []
    for row in rows.filter(~asides).to_dicts():
        if "retry_loop" not in row["traits"]:
            assert len(set(loop)) <= 1
            loop = []
        loop.append(row["drop_reason"] is None)
    assert len(set(loop)) <= 1
