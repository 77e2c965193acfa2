"""What the published file answers: queries, its age, and the path of one id."""

import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from schemas import ddl
from schemas.errors import NotFound, StoreError
from schemas.settings import FlywheelSettings
from tasks.adapters import store
from tasks.redaction.redact import Redactor

LIVE_TIMEOUT_S = 10.0
_ORDER = ["chat_id", "step", "prompt_id", "answer_id", "record_id", "reason", "decision"]


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read from, and how to speak of it."""

    path: Path
    live: bool

    @property
    def age(self) -> str:
        """Say how old the data is."""
        if self.live:
            return "live from the warehouse"
        minutes = (time.time() - self.path.stat().st_mtime) / 60
        shown = f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
        return f"published {shown} ago"


def source(cfg: FlywheelSettings, *, live: bool) -> Source:
    """Choose the published file, or the warehouse itself.

    Raises:
        StoreError: nothing has been published yet.
    """
    path = cfg.warehouse if live else cfg.published
    if not path.exists():
        raise StoreError(f"no {path.name} in {path.parent}. `flywheel run` makes it.")
    return Source(path, live)


def select(source: Source, sql: str, **params: object) -> pl.DataFrame:
    """Return what `sql` selects; it can change nothing.

    Raises:
        StoreError: the SQL is wrong, or the warehouse was busy for longer than 10 s.
    """
    try:
        if source.live:
            with store.reading(source.path, LIVE_TIMEOUT_S) as con:
                return store.frame(con, sql, **params)
        with store.snapshot(source.path) as con:
            return store.frame(con, sql, **params)
    except store.DuckDBError as error:
        raise StoreError(f"{error}".split("\n\n")[0].replace("\n", " ")) from None


def journey(source: Source, wanted: str) -> pl.DataFrame:
    """Return every decision about a record, chat, prompt or answer.

    Args:
        wanted: an id, a prefix of one that only one has, or FILE:LINE of the logs.

    Raises:
        NotFound: there is no such id, or several begin like that.
    """
    found = select(source, ddl.query("find_ids"), wanted=wanted, place=Redactor().text(wanted))
    exact = found.filter(pl.col("id") == wanted)
    found = exact if exact.height else found
    if not found.height:
        raise NotFound(f"nothing begins with {wanted!r}, and no log line is at that place.")
    if found["id"].n_unique() > 1:
        some = ", ".join(found["id"].unique(maintain_order=True).head(5))
        raise NotFound(f"{wanted!r} is the beginning of several: {some}. Give more of it.")
    row = found.drop("id").row(0, named=True)
    return select(source, ddl.query("explain"), **row).sort(_ORDER, nulls_last=False)
