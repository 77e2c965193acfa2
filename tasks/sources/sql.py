"""Records from a database: the rows of a query, one UTC day after the other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import blake2b

from sqlalchemy import text

from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources.database import Database
from tasks.sources.raw_record import RawRecord, row_record
from tasks.sources.remote_file import Stat
from tasks.sources.values import json_row

PREFIX = "sql:"  # of the places of its records
_BOUNDS = frozenset({"day_start", "day_end"})
_HASHES = 1 << 63  # what fits into a column
_ANY_SIZE = 1 << 62


@dataclass(frozen=True, slots=True)
class Window:
    """The rows of a query for one day, or all there are; it is read like a file."""

    database: Database
    source: str
    query: str
    day: date | None = None

    def __str__(self) -> str:
        """Return the place, as it is shown."""
        return PREFIX + (f"{self.source}/{self.day}" if self.day else self.source)

    def as_posix(self) -> str:
        """Return the place, as it is shown."""
        return str(self)

    def stat(self) -> Stat:
        """Return how many rows there are, and a hash of them that does not depend on their order.

        Raises:
            SourceError: the database cannot be reached, or the query fails.
        """
        count = total = 0
        for record in self.records(_ANY_SIZE):
            digest = blake2b(record.raw, digest_size=8).digest()
            count, total = count + 1, total + int.from_bytes(digest, "big")
        return Stat(count, total % _HASHES)

    def records(self, max_bytes: int) -> Iterator[RawRecord]:
        """Read every row; `line` and `end` are its number, from 1.

        Raises:
            SourceError: the database cannot be reached, or the query fails.
        """
        rows = self.database.rows(self.query, self._bounds())
        for number, row in enumerate(rows, 1):
            yield row_record(json_row(row), number, number, max_bytes)

    def _bounds(self) -> dict[str, datetime | str]:
        if not self.day:
            return {}
        day = self.day
        return {"day_start": self._moment(day), "day_end": self._moment(day + timedelta(days=1))}

    def _moment(self, day: date) -> datetime | str:
        """Return 00:00 UTC of `day` in the way that the database compares with its own times.

        SQLite has text only: a day alone stands before every time of that day, however written.
        """
        if self.database.kind == "sqlite":
            return day.isoformat()
        midnight = datetime.combine(day, time.min)
        return midnight.replace(tzinfo=UTC) if self.database.kind == "postgresql" else midnight


def sql(cfg: SourceSettings, days: Sequence[date] = ()) -> list[Window]:
    """Return the windows of `cfg.query`, one per day; one in all when it asks for no day.

    Raises:
        SourceError: the address, the driver or the query is wrong.
    """
    database = Database(cfg)
    if not asks_for_days(cfg):
        return [Window(database, cfg.name, cfg.query)]
    return [Window(database, cfg.name, cfg.query, day) for day in days]


def asks_for_days(cfg: SourceSettings) -> bool:
    """Tell whether the query has :day_start and :day_end.

    Raises:
        SourceError: it has one of them only, or others.
    """
    asked = set(text(cfg.query).compile().params)
    if asked not in (set(), _BOUNDS):
        seen = ", ".join(f":{name}" for name in sorted(asked))
        raise SourceError(
            f"source {cfg.name!r}: the query asks for {seen}; wanted :day_start and :day_end, both "
            "or none. A colon before a word within a text is written \\: in `query`."
        )
    return bool(asked)
