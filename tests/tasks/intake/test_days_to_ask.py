"""A database is asked for what may be new: since the last pull, and some days before it."""

from datetime import date, timedelta

import polars as pl
import pytest

from schemas.settings import SourceSettings
from tasks.adapters import store
from tasks.intake.days import Asked, days_to_ask

TODAY = date(2026, 3, 20)
SQL = SourceSettings(name="app", kind="sql", url="sqlite:///app.db", query="SELECT 1")


def known(*days, name="app", unfinished=()):
    rows = [
        {"source": name, "path": f"sql:{name}/{day}", "size": int(day not in unfinished)}
        for day in days
    ]
    return pl.DataFrame(rows, store.empty("pulled_files").select("source", "path", "size").schema)


def span(first, last=TODAY):
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def asked(frame, last=TODAY, first=None, **settings):
    source = SQL.model_copy(update=settings)
    return list(days_to_ask(source, frame, Asked(last, first, late_days=7)))


def test_first_pull_asks_for_late_days_or_from_since_on():
    assert asked(known()) == span(date(2026, 3, 13))
    assert asked(known(), since=date(2026, 1, 1)) == span(date(2026, 1, 1))
    assert asked(known(date(2026, 3, 19), name="other")) == span(date(2026, 3, 13))


def test_next_pull_asks_from_late_days_before_the_last_day_on():
    frame = known(date(2026, 1, 5), date(2026, 3, 10))
    assert asked(frame) == span(date(2026, 3, 3))
    assert asked(frame, since=date(2026, 3, 8)) == span(date(2026, 3, 8))


def test_run_of_an_old_day_asks_for_it_and_late_days_before():
    frame = known(date(2026, 3, 10))
    assert asked(frame, last=date(2026, 2, 1)) == span(date(2026, 1, 25), date(2026, 2, 1))


def test_backfill_asks_for_its_days_alone():
    frame = known(date(2026, 3, 10), unfinished=[date(2026, 3, 10)])
    first, last = date(2025, 12, 30), date(2026, 1, 2)
    assert asked(frame, last, first, since=date(2026, 1, 1)) == span(first, last)


def test_day_that_was_not_read_to_its_end_is_asked_for_again():
    days = [date(2026, 1, 5), date(2026, 3, 19)]
    assert asked(known(*days, unfinished=days[:1])) == [days[0], *span(date(2026, 3, 12))]


@pytest.mark.parametrize("path", ["sql:app", "logs/a.jsonl", "sql:app2/2026-03-01"])
def test_places_that_are_no_days_of_the_source_are_not_looked_at(path):
    frame = known(TODAY).with_columns(path=pl.lit(path))
    assert asked(frame) == span(date(2026, 3, 13))
