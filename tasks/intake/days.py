"""Which days a source that is asked day by day is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from schemas.settings import SourceSettings
from tasks.sources.sql import PREFIX


@dataclass(frozen=True, slots=True)
class Asked:
    """The UTC days that a pull is for, both included."""

    last: date
    first: date | None = None  # unset: from where the last pull ended
    late_days: int = 0  # days before that, in which rows may still have come


def days_to_ask(source: SourceSettings, known: pl.DataFrame, asked: Asked) -> Sequence[date]:
    """Return the days to read, oldest first.

    Those from `first` on when it is set. Else those since the last day that was read, or since
    `source.since` when none was, and some before it: rows come late and are edited. A day that
    was not read to its end is always among them.

    Args:
        source: whose days these are.
        known: rows of `pulled_files`.
        asked: what the pull is for.
    """
    if asked.first:
        return _range(asked.first, asked.last)
    of_source = known.filter(pl.col("source") == source.name).to_dicts()
    read = {day: row for row in of_source if (day := _day(source, row["path"]))}
    late = timedelta(days=asked.late_days)
    first = min(max(read), asked.last) - late if read else source.since or asked.last - late
    unfinished = {day for day, row in read.items() if row["size"] == 0}
    return sorted({*_range(max(first, source.since or first), asked.last), *unfinished})


def _range(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _day(source: SourceSettings, path: str) -> date | None:
    prefix = f"{PREFIX}{source.name}/"
    return date.fromisoformat(path.removeprefix(prefix)) if path.startswith(prefix) else None
