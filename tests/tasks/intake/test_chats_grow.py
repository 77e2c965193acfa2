"""A conversation that is logged in versions is one chat; its day does not move."""

from datetime import date, datetime
from itertools import permutations

import pytest

EVENING = "2026-03-01T23:50:00Z"
AFTER_MIDNIGHT = "2026-03-02T00:10:00Z"
LATER = "2026-03-02T09:00:00Z"
ORDERS = list(permutations(range(3)))


def versions(call, name):
    """Make three versions of a conversation, each with the history of the one before."""
    said = [f"Is it late, {name}?", "answer", "And now?", "answer", "Good night"]
    times = (EVENING, AFTER_MIDNIGHT, LATER)
    return [
        call(*said[: 2 * n + 1], id=f"{name}{n}", conversation=name, at=at)
        for n, at in enumerate(times)
    ]


@pytest.mark.parametrize("pulls", [1, 3])
def test_grown_conversation_is_one_chat_of_its_first_day_in_any_order(logs, call, pulls):
    for step in range(3):
        for order in ORDERS:
            logs.append("a.jsonl", versions(call, f"c{order}")[order[step]])
        if pulls == 3 or step == 2:
            logs.pull()
    chats = logs.table("chats")
    starts = {(chat["day"], chat["started_at"]) for chat in chats}
    assert starts == {(date(2026, 3, 1), datetime(2026, 3, 1, 23, 50))}
    assert [len(said) for said in logs.texts()] == [3] * len(ORDERS)
    assert set(logs.column("records", "day")) == {date(2026, 3, 1)}
    kept = {row["day"]: (row["kept"], row["dropped"]) for row in logs.table("stage_runs")}
    assert kept.pop(date(2026, 3, 1)) == (6, 12)
    assert set(kept.values()) <= {(0, 0)}
    assert logs.outcomes() == {"chat": 18, "vote": 0, "quarantine": 0}


def test_version_with_the_later_update_wins_though_it_is_shorter(logs, chat):
    long = chat("Hello", "Hi", "How are you?", id="c1", at=EVENING, updated_at=AFTER_MIDNIGHT)
    logs.write("a.jsonl", chat("Hello", id="c1", at=LATER), long)
    logs.pull()
    assert logs.texts() == [["Hello"]]


def test_calls_of_one_conversation_without_history_are_chats_by_themselves(logs, call):
    words = ["Where is Oslo?", "And Rome?", "Thanks!"]
    logs.write(
        "a.jsonl",
        *(call(text, id=f"r{n}", conversation="c1", at=EVENING) for n, text in enumerate(words)),
    )
    logs.pull()
    assert logs.texts() == [["And Rome?"], ["Thanks!"], ["Where is Oslo?"]]


def test_chats_without_id_and_time_are_told_apart_by_their_text(logs, chat):
    logs.write("a.jsonl", chat("Hello", "Hi"), chat("Hello", "Good day"), chat("Hello", "Hi"))
    logs.pull()
    assert len(logs.table("chats")) == 2
    assert logs.outcomes() == {"chat": 3, "vote": 0, "quarantine": 0}


def test_chat_without_id_is_told_by_its_first_words_and_time(logs, chat):
    logs.write(
        "a.jsonl",
        chat("Hello", at=EVENING),
        chat("Hello", "Hi", "Where is Oslo?", at=EVENING),
        chat("Hello", at=LATER),
    )
    logs.pull()
    assert logs.texts() == [["Hello"], ["Hello", "Where is Oslo?"]]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_chat_without_a_time_grows_and_keeps_its_day(logs, chat, order):
    records = [chat("Hello", id="c1"), chat("Hello", "Hi", "Where is Oslo?", id="c1")]
    logs.set_source(default_day=date(2026, 1, 5))
    logs.write("a.jsonl", records[order[0]])
    logs.pull()
    logs.set_source(default_day=date(2026, 2, 1))
    logs.append("a.jsonl", records[order[1]])
    logs.pull()
    assert logs.texts() == [["Hello", "Where is Oslo?"]]
    assert logs.column("chats", "day") == [date(2026, 1, 5)]
    assert set(logs.column("records", "day")) == {date(2026, 1, 5)}


@pytest.mark.parametrize("pulls", [1, 2])
def test_version_without_a_time_gives_way_to_one_that_has_one(logs, chat, pulls):
    logs.set_source(default_day=date(2026, 2, 1))
    timed = [chat("Hello", id=name, at=EVENING) for name in "ab"]
    untimed = [chat("Hello", "Hi", "Where is Oslo?", id=name) for name in "ab"]
    for records in ((timed[0], untimed[1]), (untimed[0], timed[1])):
        logs.append("a.jsonl", *records)
        if pulls == 2:
            logs.pull()
    logs.pull()
    assert logs.column("chats", "started_at") == [datetime(2026, 3, 1, 23, 50)] * 2
    assert logs.texts() == [["Hello"]] * 2
    assert [row["kept"] for row in logs.table("stage_runs") if row["rows_in"]] == [2]
    logs.outcomes()


def test_chat_that_is_logged_with_dates_alone_keeps_its_first_day(logs, chat):
    logs.write("a.jsonl", chat("Hello", id="c1", at="2026-03-01"))
    logs.pull()
    logs.append("a.jsonl", chat("Hello", "Hi", "Bye", id="c1", at="2026-03-02"))
    logs.pull()
    assert logs.column("chats", "day") == [date(2026, 3, 1)]
    assert logs.texts() == [["Hello", "Bye"]]


def test_two_sources_with_the_same_ids_share_no_chat(logs, chat):
    logs.write("a.jsonl", chat("Hello", id="c1", at=EVENING))
    logs.pull()
    logs.set_source(name="other")
    logs.pull()
    assert sorted(logs.column("chats", "source")) == ["logs", "other"]
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}


def test_language_and_model_are_those_of_the_latest_version(logs, chat):
    logs.write("a.jsonl", chat("Hello there, how are you?", id="c1", at=EVENING, model="m1"))
    logs.pull()
    logs.append("a.jsonl", chat("今天天气怎么样，适合出门吗？", id="c1", at=LATER, model="m2"))
    logs.pull()
    (row,) = logs.table("chats")
    assert (row["language"], row["model"]) == ("zh", "m2")


@pytest.mark.parametrize("at", [None, "2026-03-02T10:00:00Z"])
def test_record_edited_in_its_file_replaces_its_chat_though_it_is_shorter_and_as_old(
    logs, chat, at
):
    logs.write("a.jsonl", chat("Hello", "Hi", "Why?", id="c1", at=at))
    logs.pull()
    logs.write("a.jsonl", chat("Bye", id="c1", at=at))
    logs.pull()
    assert logs.texts() == [["Bye"]]
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}
