from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import contracts
from schemas.filter_settings import FilterSettings
from tasks.rules import apply_rules

SCHEMA = {
    "prompt_id": pl.String,
    "chat_id": pl.String,
    "turn": pl.Int32,
    "prompt": pl.String,
    "language": pl.String,
    "user_key": pl.String,
    "started_at": pl.Datetime,
    "messages": contracts.schema("prompts")["messages"],
    "traits": pl.List(pl.String),
}
CFG = FilterSettings()
HOUR = [datetime(2025, 1, 31, hour) for hour in range(24)]


def turn(prompt, chat="c", **other):
    said = [*other.pop("before", []), prompt]
    row = {
        "chat_id": chat,
        "turn": 0,
        "prompt": prompt,
        "language": "en",
        "user_key": None,
        "started_at": HOUR[0],
        "messages": [{"role": "user", "content": text} for text in said],
        "traits": [],
        **other,
    }
    return {"prompt_id": f"{row['chat_id']}-{row['turn']}", **row}


def judged(*turns, cfg=CFG):
    return apply_rules(pl.DataFrame(turns, schema=SCHEMA), cfg)


def reasons(*turns, cfg=CFG):
    return judged(*turns, cfg=cfg)["drop_reason"].to_list()


def hits(one, cfg=CFG):
    return [tuple(hit.values()) for hit in judged(one, cfg=cfg)["rule_hits"][0]]


LONG = " ".join(map(str, range(4_223)))  # 20,004 characters, 6,001 tokens


def test_every_hit_is_kept_with_its_value_and_the_first_takes_the_blame():
    row = turn("\u200b\u200b", language="de")
    assert hits(row) == [("empty", 2.0), ("too_short", 0.0), ("language_not_wanted", 1.0)]
    assert reasons(row) == ["empty"]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("hi!", ("too_short", 3.0)), (LONG, ("too_long", 20_004.0)), ("写", ("too_short", 1.0))],
)
def test_value_is_what_was_measured(prompt, expected):
    assert hits(turn(prompt)) == [expected]


def test_short_reply_within_a_chat_is_kept():
    assert reasons(turn("Choose: A or B?"), turn("B", turn=1)) == [None, None]


def test_limits_are_settings():
    cfg = FilterSettings(min_chars=0, min_chars_cjk=3, max_chars=9, languages=("de",))
    rows = [turn("hi", language="de"), turn("你好", language="de"), turn("Wie geht es", "d")]
    assert reasons(*rows, cfg=cfg) == [None, "too_short", "too_long"]


def test_no_languages_in_the_settings_keep_all():
    assert reasons(turn("Wie geht es?", language="de"), cfg=FilterSettings(languages=())) == [None]


ASK = "What is the capital of Chad?"


@pytest.mark.parametrize("again", [ASK, f"  {ASK}\n", ASK.upper(), ASK.replace("?", "\uff1f")])
def test_same_user_repeats_up_to_width_case_and_outer_space(again):
    rows = [turn(ASK, "a", user_key="u"), turn(again, "b", user_key="u")]
    assert reasons(*rows) == [None, "same_user_repeat"]


@pytest.mark.parametrize("other", ["What is the capital of Mali?", "What is 3²?", "What is 32?"])
def test_another_prompt_is_no_repeat(other):
    rows = [turn(t, t, user_key="u") for t in (ASK, "What is 3 2?", "What is 3\u00b3?", other)]
    assert reasons(*rows) == [None] * 4


def test_the_value_of_a_repeat_counts_the_times_it_was_said():
    rows = [turn(ASK, chat, user_key="u", started_at=HOUR[3]) for chat in "cab"]
    values = [[hit["value"] for hit in hits] for hits in judged(*rows)["rule_hits"]]
    assert values == [[3.0], [], [2.0]]


def test_the_earliest_is_kept_whatever_the_order_of_the_rows():
    rows = [
        turn(ASK, "a", user_key="u", started_at=HOUR[9]),
        turn(ASK, "b", user_key="u", started_at=HOUR[8]),
    ]
    assert reasons(*rows) == ["same_user_repeat", None]
    assert reasons(*reversed(rows)) == [None, "same_user_repeat"]


def test_other_users_and_nobodies_may_ask_the_same():
    rows = [
        turn(ASK, "a", user_key="u"),
        turn(ASK, "b", user_key="v"),
        turn(ASK, "c"),
        turn(ASK, "d"),
    ]
    assert reasons(*rows) == [None] * 4


def test_without_a_user_the_chat_itself_is_watched():
    rows = [turn(ASK), turn(ASK, turn=1, before=[ASK, "N'Djamena"])]
    assert reasons(*rows) == [None, "same_user_repeat"]


def test_same_words_after_other_messages_are_no_repeat():
    rows = [
        turn("translate it", "a", user_key="u", turn=1, before=["The sky is blue.", "Indeed."]),
        turn("translate it", "b", user_key="u", turn=1, before=["Grass is green.", "Indeed."]),
        turn("translate it", "d", user_key="u", turn=1, before=["Grass is green.", "Indeed."]),
    ]
    assert reasons(*rows) == [None, None, "same_user_repeat"]


def test_a_day_without_prompts_has_the_same_columns():
    judged_none = judged()
    assert judged_none.is_empty()
    assert judged_none.schema == judged(turn("hi")).schema
    assert judged_none.schema["rule_hits"] == pl.List(
        pl.Struct({"rule": pl.String, "value": pl.Float64})
    )
    assert judged_none.schema["drop_reason"] == pl.String


def test_a_day_where_all_is_dropped_keeps_its_rows():
    assert reasons(turn(""), turn("hi", "d"), turn("", "e")) == ["empty", "too_short", "empty"]


turns = st.lists(
    st.builds(
        turn,
        st.text(max_size=8) | st.sampled_from([ASK, "hi", "你好", "\u200b"]),
        st.sampled_from("abc"),
        turn=st.integers(0, 3),
        language=st.sampled_from(["en", "de", "und"]),
        user_key=st.sampled_from(["u", "v", None]),
        started_at=st.sampled_from(HOUR),
    ),
    max_size=8,
    unique_by=lambda row: row["prompt_id"],
)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(turns)
def test_rules_only_add_columns(rows):
    before = pl.DataFrame(rows, schema=SCHEMA)
    after = apply_rules(before, CFG)
    assert after.select(before.columns).equals(before)


@settings(derandomize=True, deadline=None, max_examples=25)
@given(turns, st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_the_order_of_the_rows(rows, random):
    shuffled = random.sample(rows, len(rows))
    verdicts = ("prompt_id", "rule_hits", "drop_reason")
    assert (
        judged(*rows)
        .select(verdicts)
        .sort("prompt_id")
        .equals(judged(*shuffled).select(verdicts).sort("prompt_id"))
    )


@settings(derandomize=True, deadline=None, max_examples=25)
@given(turns)
def test_the_first_hit_is_the_drop_reason(rows):
    for found, reason in judged(*rows).select("rule_hits", "drop_reason").iter_rows():
        assert reason == (found[0]["rule"] if found else None)
