"""A record belongs to the day of its chat; one that says no time gets a day once."""

from datetime import UTC, date, datetime

import pytest

MONDAY = "2026-03-02T10:00:00Z"
TUESDAY = "2026-03-03T10:00:00Z"


def days(logs):
    return [row["day"] for row in sorted(logs.table("records"), key=lambda row: row["line"])]


def test_unreadable_line_has_the_day_of_the_chat_before_it_else_after_it(logs, chat):
    broken = ["broken\n", chat("Hello", at=MONDAY), "torn\n", chat("Hi", at=TUESDAY), "worn\n"]
    logs.write("a.jsonl", *broken)
    logs.pull()
    monday, tuesday = date(2026, 3, 2), date(2026, 3, 3)
    assert days(logs) == [monday, monday, monday, tuesday, tuesday]
    assert logs.outcomes()["quarantine"] == 3


def test_unreadable_line_at_the_head_of_new_bytes_has_the_day_before_it(logs, chat):
    logs.write("a.jsonl", chat("Hello", at=MONDAY))
    logs.pull()
    logs.append("a.jsonl", "broken\n", chat("Hi", at=TUESDAY))
    logs.pull()
    assert days(logs) == [date(2026, 3, 2), date(2026, 3, 2), date(2026, 3, 3)]


def test_unreadable_line_alone_has_the_default_day_and_keeps_it(logs, chat):
    logs.set_source(default_day=date(2026, 1, 5))
    logs.write("a.jsonl", "broken\n")
    logs.pull()
    assert days(logs) == [date(2026, 1, 5)]
    logs.set_source(default_day=date(2026, 2, 6))
    logs.write("a.jsonl", chat("Hello", at=MONDAY), "broken\n")
    logs.pull()
    assert logs.column("quarantine", "day") == [date(2026, 1, 5)]
    assert logs.outcomes() == {"chat": 1, "vote": 0, "quarantine": 1}


def test_chat_without_a_time_is_of_the_day_it_was_first_seen(logs, chat, monkeypatch):
    logs.write("a.jsonl", chat("Hello"))
    before = datetime.now(UTC).date()
    logs.pull()
    after = datetime.now(UTC).date()
    (row,) = logs.table("chats")
    assert before <= row["day"] <= after
    assert row["started_at"].time() == datetime.min.time()


def test_day_is_that_of_utc(logs, chat):
    for local in ("2026-03-02T23:30:00-02:00", "2026-03-03T10:30:00+09:00"):
        logs.append("a.jsonl", chat(f"Hello, it is {local}", at=local))
    logs.pull()
    assert logs.column("chats", "day") == [date(2026, 3, 3)] * 2


def test_late_record_lands_in_its_own_day(logs, chat):
    logs.write("a.jsonl", chat("Hello", at=MONDAY), chat("Hi", at=TUESDAY))
    logs.pull()
    before = {row["day"]: row["outputs"] for row in logs.table("stage_runs")}
    logs.append("a.jsonl", chat("Late", at=MONDAY))
    assert logs.pull() == [date(2026, 3, 2)]
    after = {row["day"]: row["outputs"] for row in logs.table("stage_runs")}
    assert after[date(2026, 3, 2)] != before[date(2026, 3, 2)]
    assert after[date(2026, 3, 3)] == before[date(2026, 3, 3)]


def test_chat_without_a_time_is_of_the_day_in_the_name_of_its_file(logs, chat):
    logs.write("chats-2026-03-02.jsonl", chat("Hello"), "broken\n")
    logs.pull()
    assert days(logs) == [date(2026, 3, 2)] * 2


def test_default_day_goes_before_the_name_of_the_file(logs, chat):
    logs.set_source(default_day=date(2026, 1, 5))
    logs.write("chats-2026-03-02.jsonl", chat("Hello"))
    logs.pull()
    assert days(logs) == [date(2026, 1, 5)]


@pytest.mark.parametrize("order", [("01", "02"), ("02", "01")])
def test_of_two_dated_files_the_later_one_tells_what_an_untimed_chat_says(logs, chat, order):
    told = {"01": chat("A long first version", id="c1"), "02": chat("Edited", id="c1")}
    for day in order:
        logs.write(f"chats-2026-03-{day}.jsonl", told[day])
        logs.pull()
    assert logs.texts() == [["Edited"]]
    assert logs.column("chats", "day") == [date(2026, 3, 1)]
