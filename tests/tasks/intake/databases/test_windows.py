"""A query is asked day by day; whatever is asked again, moved or killed, each row counts once."""

from datetime import date, timedelta

import pytest

import tasks.intake.read
import tasks.pull

BY_DAY = "SELECT id, at AS timestamp, messages FROM logs WHERE at >= :day_start AND at < :day_end"
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


UNTIMED = BY_DAY.replace("at AS timestamp, ", "")


def pull(logs, first=MONDAY, last=TUESDAY):
    return logs.pull(first, last)


def places(logs):
    return sorted({row["path"] for row in logs.table("records")})


def test_rows_become_chats_of_their_day(ask, each_table):
    table, asked = each_table, ask(each_table)
    table.add(1, "2026-03-01 23:59:59.999", "Sunday")
    table.add(2, "2026-03-02 00:00:00", "Monday")
    table.add(3, "2026-03-02 23:59:59.999", "late on Monday")
    table.add(4, "2026-03-03 00:00:00", "Tuesday")
    assert pull(asked, MONDAY, MONDAY) == [MONDAY]
    assert asked.texts() == [["Monday"], ["late on Monday"]]
    assert pull(asked, MONDAY - timedelta(days=1), TUESDAY) == [MONDAY - timedelta(days=1), TUESDAY]
    assert asked.outcomes() == {"chat": 4, "vote": 0, "quarantine": 0}
    assert places(asked) == [f"sql:logs/2026-03-0{day}" for day in (1, 2, 3)]


def test_asking_again_changes_nothing(ask, each_table):
    table, asked = each_table, ask(each_table)
    table.add(1, "2026-03-02 10:00:00", "Hello")
    table.add(2, "2026-03-02 10:00:00", "")
    assert pull(asked) == [MONDAY]
    before, runs = asked.everything(), asked.table("stage_runs")
    assert pull(asked) == []
    assert asked.everything() == before
    assert asked.table("stage_runs") == runs


def test_edited_late_and_deleted_rows_change_their_day_only(ask, table):
    asked = ask(table)
    for id_, day in enumerate((MONDAY, MONDAY, TUESDAY)):
        table.add(id_, f"{day} 10:00:00", f"Hello {id_}")
    pull(asked)
    table.do("DELETE FROM logs WHERE id = 0")
    table.add(0, "2026-03-02 10:30:00", "Jello 0")
    table.do("DELETE FROM logs WHERE id = 1")
    table.add(9, "2026-03-02 11:00:00", "Late")
    assert pull(asked) == [MONDAY]
    said = [text for chat in asked.texts() for text in chat]
    assert said == ["Hello 1", "Hello 2", "Jello 0", "Late"]
    asked.outcomes()


def test_order_of_the_rows_does_not_matter(ask, table):
    asked = ask(table, f"{BY_DAY} ORDER BY id")
    for id_ in range(6):
        table.add(id_ % 4, "2026-03-02 10:00:00", f"Hello {id_}")
    pull(asked)
    before = asked.everything()
    asked.set_source(query=f"{BY_DAY} ORDER BY id DESC")
    assert pull(asked) == []
    assert asked.everything() == before


def test_equal_rows_of_two_days_are_two_records(ask, table):
    asked = ask(table, UNTIMED)
    for day in (MONDAY, TUESDAY):
        for _ in range(2):
            table.add(1, f"{day} 10:00:00", "Hello")
    for first in (MONDAY, TUESDAY, MONDAY):
        pull(asked, first, first)
    assert asked.outcomes() == {"chat": 4, "vote": 0, "quarantine": 0}


def test_rows_without_a_time_belong_to_the_day_that_was_asked_for(ask, table):
    asked = ask(table, UNTIMED)
    table.add(1, "2026-03-02 10:00:00", "Hello")
    table.do("INSERT INTO logs VALUES (2, '2026-03-02 10:00:00', '{}')")
    assert pull(asked) == [MONDAY]
    assert [row["day"] for row in asked.table("records")] == [MONDAY, MONDAY]
    assert asked.outcomes() == {"chat": 1, "vote": 0, "quarantine": 1}


@pytest.mark.slow
def test_kill_within_a_day_loses_and_doubles_nothing(ask, table, monkeypatch, killed_after):
    asked = ask(table)
    monkeypatch.setattr(tasks.intake.read, "SLICE", 2)
    for id_ in range(5):
        table.add(id_, "2026-03-02 10:00:00", f"Hello {id_}")
    for slices in (1, 2):
        with killed_after(slices):
            pull(asked)
    pull(asked, TUESDAY, TUESDAY)
    assert len(asked.texts()) < 5
    pull(asked, None, MONDAY)
    assert asked.outcomes() == {"chat": 5, "vote": 0, "quarantine": 0}


def test_query_that_asks_for_no_day_is_read_whole(ask, table):
    asked = ask(table, "SELECT id, at AS timestamp, messages FROM logs")
    table.add(1, "2026-03-02 10:00:00", "Hello")
    assert pull(asked) == [MONDAY]
    table.add(2, "2026-03-03 10:00:00", "Bye")
    assert TUESDAY in pull(asked, MONDAY, MONDAY)
    assert pull(asked) == []
    assert places(asked) == ["sql:logs"]
    assert asked.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}
