from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import contracts
from schemas.batch import Batch
from schemas.filter_settings import FilterSettings
from schemas.run import Run
from tasks.adapters import store
from tasks.filter import filter_prompts
from tasks.judge import judge

DAY = date(2026, 3, 2)
CFG = FilterSettings()


def chat(id_, *said, language="en", user_key=None, minute=0, **more):
    """Make a chat in which user and assistant speak in turn."""
    roles = ("user", "assistant")
    messages = [message(roles[n % 2], text) for n, text in enumerate(said)]
    row = {
        "day": DAY,
        "chat_id": id_,
        "source": "logs",
        "source_id": None,
        "session_id": None,
        "record_id": f"r-{id_}",
        "started_at": datetime(2026, 3, 2, 9, minute),
        "updated_at": datetime(2026, 3, 2, 9, minute),
        "model": None,
        "user_key": user_key,
        "language": language,
        "messages": messages,
        "traits": [],
        "pii": [],
        "tools": None,
        "vote": None,
    }
    return row | more


def message(role, content):
    unset = dict.fromkeys(("parts", "name", "tool_call_id", "tool_calls"))
    return {"role": role, "content": content, **unset}


def day_of(*chats):
    return contracts.frame("chats", list(chats)).with_columns(input_hash=pl.lit(1, pl.UInt64))


def judged(*chats, cfg=CFG):
    return judge(day_of(*chats), cfg).to_dicts()


def contents(prompt):
    return [one["content"] for one in prompt["messages"]]


def test_every_user_turn_is_a_prompt_after_the_conversation_before_it():
    talk = chat("c", "Where is Oslo?", "In Norway.", "And Rome?", "In Italy.")
    talk["messages"].insert(0, message("system", "Be brief."))
    one, two = judged(talk)
    assert (one["prompt_id"], two["prompt_id"]) == ("c-0", "c-1")
    assert (one["prompt"], two["prompt"]) == ("Where is Oslo?", "And Rome?")
    assert contents(one) == ["Be brief.", "Where is Oslo?"]
    assert contents(two) == ["Be brief.", "Where is Oslo?", "In Norway.", "And Rome?"]


def test_messages_of_tools_stay_in_the_context():
    talk = chat("c", "Weather in Oslo?", "", "And in Rome?")
    talk["messages"][1]["tool_calls"] = '[{"name": "weather"}]'
    talk["messages"].insert(2, message("tool", "4 degrees"))
    *_, last = judged(talk)
    assert [one["role"] for one in last["messages"]] == ["user", "assistant", "tool", "user"]
    assert last["messages"][1]["tool_calls"] == '[{"name": "weather"}]'


def test_turn_too_short_to_tell_has_the_language_of_its_chat():
    *_, last = judged(chat("c", "请问北京的天气怎么样？", "晴。", "ok", language="zh"))
    assert last["language"] == "zh"


def test_turn_in_another_language_than_its_chat_has_its_own():
    *_, last = judged(
        chat("c", "请问北京的天气怎么样？", "晴。", "Say it in English please", language="zh")
    )
    assert last["language"] == "en"


def test_dropped_rows_stay_with_their_reason():
    rows = judged(
        chat("a", "hi"), chat("b", "Where is Oslo?"), chat("c", "Wo liegt denn die Stadt Oslo?")
    )
    assert [row["drop_reason"] for row in rows] == ["too_short", None, "language_not_wanted"]
    assert [hit["rule"] for hit in rows[0]["rule_hits"]] == ["too_short"]


TALKS = st.lists(
    st.builds(
        lambda number, said, user, minute: chat(f"c{number}", *said, user_key=user, minute=minute),
        st.integers(0, 10**6),
        st.lists(
            st.sampled_from(["", "hi", "Where is Oslo?", "ok", "你好", "x" * 30]),
            min_size=1,
            max_size=5,
        ),
        st.sampled_from([None, "ann", "bob"]),
        st.integers(0, 2),
    ),
    max_size=6,
    unique_by=lambda one: one["chat_id"],
)


@given(TALKS, st.randoms(use_true_random=False))
@settings(max_examples=10, deadline=None)
def test_user_turns_are_kept_or_dropped_whatever_the_order_of_chats(talks, rng):
    rows = judged(*talks)
    asked = sum(one["role"] == "user" for talk in talks for one in talk["messages"])
    assert len({row["prompt_id"] for row in rows}) == len(rows) == asked
    for row in rows:
        assert row["messages"][-1]["content"] == row["prompt"]
        assert (row["drop_reason"] is None) == (row["rule_hits"] == [])
    shuffled = judged(*rng.sample(talks, len(talks)))
    assert sorted(shuffled, key=lambda row: row["prompt_id"]) == sorted(
        rows, key=lambda row: row["prompt_id"]
    )


def filtered(cfg, *chats, **run):
    """Run the stage over a day with these chats; return (kept, dropped, rows in) and the rows."""
    rows = contracts.frame("chats", list(chats))
    with store.writing(cfg.warehouse) as con:
        store.replace(con, "chats", DAY, rows)
    batch = Batch(warehouse=cfg.warehouse, table="chats", day=DAY, rows=rows.height)
    filter_prompts.fn(batch, Run(cfg=cfg, **run))
    done = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'filter'").to_dicts()[0]
    prompts = store.select(cfg.warehouse, "FROM prompts ORDER BY prompt_id").to_dicts()
    return (done["kept"], done["dropped"], done["rows_in"]), prompts


@pytest.mark.parametrize(
    ("said", "counts"),
    [([], (0, 0, 0)), (["Where is Oslo?"], (1, 0, 1)), (["hi", "", "  "], (0, 3, 3))],
)
def test_empty_day_day_of_one_and_day_of_dropped_ones_go_through(cfg, said, counts):
    found, prompts = filtered(cfg, *(chat(f"c{n}", text) for n, text in enumerate(said)))
    assert found == counts
    assert len(prompts) == len(said)
    assert store.select(cfg.warehouse, "FROM conservation WHERE stage = 'filter'").is_empty()


def test_changed_settings_leave_old_rows_until_they_are_asked_for(cfg):
    long = "Where is the city of Oslo, and how do I get there by train?"
    _, before = filtered(cfg, chat("a", long))
    strict = cfg.model_copy(update={"filter": FilterSettings(max_chars=20)})
    counts, rows = filtered(strict, chat("a", long), restage=frozenset())
    assert (counts, rows) == ((1, 0, 1), before)
    counts, (row,) = filtered(strict, chat("a", long), restage=frozenset({"filter"}))
    assert (counts, row["drop_reason"]) == ((0, 1, 1), "too_long")
