"""Say what a stage did: one log line, and one artifact where Prefect is listening."""

import json
import logging
import re
import time
from uuid import UUID

import polars as pl
from prefect.artifacts import (
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.context import FlowRunContext

from tasks.ledger import StageRun

log = logging.getLogger("flywheel.stage")
_SHOW_EVERY_S = 10.0
log.setLevel(logging.INFO)  # or Prefect would not pass these lines on to a run's log


def announce(done: StageRun, reasons: pl.Series) -> None:
    """Log counts and reasons of a finished stage, and show them in Prefect's UI."""
    counts = (
        reasons.drop_nulls()
        .value_counts(sort=True)
        .sort("count", reasons.name, descending=[True, False])
    )
    why = [(str(reason), int(n)) for reason, n in counts.iter_rows()]
    log.info("%s", _line(done, why))
    _artifact(done, why)


def show(key: str, rows: pl.DataFrame, said: str) -> None:
    """Log one line, and show a table under it in Prefect's UI."""
    log.info("%s", said)
    if FlowRunContext.get() is not None:
        create_table_artifact(json.loads(rows.write_json()), key=_slug(key), description=said)


class ProgressArtifact:
    """A bar in Prefect's UI with a line under it; outside a flow nothing."""

    def __init__(self, key: str) -> None:
        self._key = _slug(key)
        self._id: UUID | None = None
        self._shown_at = time.monotonic()  # what takes less than one round needs no bar

    def show(self, percent: float, said: str, *, last: bool) -> None:
        """Bring it up to date, every ten seconds and at the `last` call."""
        due = time.monotonic() - self._shown_at >= _SHOW_EVERY_S
        if FlowRunContext.get() is None or not (due or last):
            return
        self._shown_at = time.monotonic()
        try:
            if self._id is None:
                made = create_progress_artifact(percent, key=self._key, description=said)
                self._id = made if isinstance(made, UUID) else None
            else:
                update_progress_artifact(self._id, percent, description=said)
        except Exception:  # a server that is away must not stop what is being paid for
            log.warning("Prefect's server did not take the progress of %s", self._key)


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _line(done: StageRun, why: list[tuple[str, int]]) -> str:
    parts = [f"{done.day} {done.stage}: {done.rows_in} in, {done.kept} kept"]
    if done.dropped:
        parts.append(f"{done.dropped} dropped ({', '.join(f'{r} {n}' for r, n in why)})")
    parts += [f"{done.quarantined} quarantined"] * bool(done.quarantined)
    parts += [f"{done.pending} pending: {done.message}"] * bool(done.pending)
    return ", ".join(parts) + f", {done.seconds:.1f} s"


def _artifact(done: StageRun, why: list[tuple[str, int]]) -> None:
    if FlowRunContext.get() is None:
        return
    table = [
        {"count": name, "rows": getattr(done, name)}
        for name in ("rows_in", "kept", "dropped", "quarantined", "pending")
    ]
    table += [{"count": f"dropped: {reason}", "rows": n} for reason, n in why]
    key = f"{done.stage.replace('_', '-')}-{done.day}"
    create_table_artifact(table, key=key, description=done.message or done.status)
