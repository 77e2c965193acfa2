"""`flywheel run` and `flywheel backfill`: the flows, started from the command line."""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import typer

from flows import console, estimating
from schemas.errors import NotFound, SettingsError
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.stages import STAGES
from tasks import ledger
from tasks.adapters import store
from tasks.answering.style import styles_of

if TYPE_CHECKING:
    from tasks.estimate import Estimate

DAY_STAGES = [stage.name for stage in STAGES if stage.name != "pull"]


@dataclass(frozen=True, slots=True)
class Order:
    """What a run was told on the command line, besides the settings."""

    force: bool = False
    restage: list[str] = field(default_factory=list)
    only: list[str] = field(default_factory=list)
    yes: bool = False
    retry_failed: bool = False

    def run(self, cfg: FlywheelSettings) -> Run:
        """Return the run to hand to a flow.

        Raises:
            SettingsError: a stage, or a name in `[answer]`, that does not exist.
        """
        styles_of(cfg)
        for name in (*self.restage, *self.only):
            if name not in DAY_STAGES:
                raise SettingsError(f"no stage {name!r}; stages: {', '.join(DAY_STAGES)}.")
        again = (
            DAY_STAGES
            if self.force
            else [*self.restage, *(["tag", "answer"] if self.retry_failed else [])]
        )
        return Run(
            cfg=cfg,
            restage=frozenset(again),
            only=frozenset(self.only),
            retry_failed=self.retry_failed,
        )


def run_day(cfg: FlywheelSettings, day: date | None, order: Order) -> int:
    """Run one day; return the exit code."""
    run = order.run(cfg)
    store.prepare(cfg.warehouse)
    if day is None:
        day = _latest_day(run)
        console.err.print(f"no --day given: running {day}, the latest day with chats")
    if not _agreed(order, run, day, day):
        return 1
    console.starting()
    from flows.flywheel import flywheel

    flywheel(day, run=run)
    return _finished(run, day, day)


def run_range(cfg: FlywheelSettings, first: date, last: date, order: Order) -> int:
    """Run every day of a range; return the exit code."""
    run = order.run(cfg)
    store.prepare(cfg.warehouse)
    if not _agreed(order, run, first, last):
        return 1
    console.starting()
    from flows.backfill import backfill

    backfill(first, last, run=run)
    return _finished(run, first, last)


def estimate_day(cfg: FlywheelSettings, day: date | None, order: Order, *, as_json: bool) -> None:
    """Print what a run of a day would buy."""
    run = order.run(cfg)
    store.prepare(cfg.warehouse)
    if day is None:
        day = _latest_day(run)
        console.err.print(f"no --day given: estimating {day}, the latest day with chats")
    found = estimating.estimated(run, day, day)
    _show(found, run, as_json=as_json)


def estimate_range(
    cfg: FlywheelSettings, first: date, last: date, order: Order, *, as_json: bool
) -> None:
    """Print what a backfill would buy."""
    run = order.run(cfg)
    store.prepare(cfg.warehouse)
    found = estimating.estimated(run, first, last, asked_from=first)
    _show(found, run, as_json=as_json)


def _show(found: "Estimate", run: Run, *, as_json: bool) -> None:
    estimating.show(found, run.cfg, as_json=as_json)
    if not found.days:
        console.err.print(_where_chats_are(run))


def show_range(cfg: FlywheelSettings, first: date, last: date, order: Order) -> None:
    """Print what a backfill would do, and what only --force or --restage would change."""
    run = order.run(cfg)
    stale = ledger.stale_stages(ledger.runs(cfg.warehouse), run)
    console.table(stale.filter(pl.col("day").is_between(first, last)), "What a backfill would do")
    console.out.print("`settings` changes reach past days only with --force or --restage STAGE.")


def _latest_day(run: Run) -> date:
    """Pull, and return the latest day that has chats.

    Raises:
        NotFound: there are none.
    """
    from tasks.pull import pull_new

    pull_new(run)
    newest = "SELECT max(day) AS day FROM chats"
    day: date | None = store.select(run.cfg.warehouse, newest).item()
    if day is None:
        raise NotFound("the logs hold no chat. `flywheel pull --dry-run` says what they do hold.")
    return day


def _where_chats_are(run: Run) -> str:
    days = "SELECT min(day) AS first, max(day) AS last FROM chats"
    span = store.select(run.cfg.warehouse, days).to_dicts()[0]
    if span["first"] is None:
        return "the logs hold no chat. `flywheel pull --dry-run` says what they do hold."
    return f"no chats in this range; there are chats from {span['first']} to {span['last']}."


def _agreed(order: Order, run: Run, first: date, last: date) -> bool:
    """Say what making rows anew would cost, and ask."""
    if not run.restage or order.yes:
        return True
    found = estimating.estimated(run, first, last, asked_from=None if first == last else first)
    console.err.print(
        f"makes the rows of {', '.join(s for s in DAY_STAGES if s in run.restage)} anew for "
        f"{len(found.days)} days: {estimating.summary(found)}"
    )
    for line in estimating.notes(found, run.cfg):
        console.err.print(line)
    return typer.confirm("Go on?", err=True)


def _finished(run: Run, first: date, last: date) -> int:
    """Print what came out and what is left; 1 when a cap left days unfinished."""
    rows = store.query(run.cfg.warehouse, "run_result", first=first, last=last)
    console.table(rows, "Rows to train on")
    if not rows.height:
        console.err.print(_where_chats_are(run))
    partial = store.query(run.cfg.warehouse, "partial_stages", first=first, last=last)
    for row in partial.to_dicts():
        console.err.print(
            f"{row['day']} {row['stage']}: {row['pending']} pending: {row['message']}. "
            "The same command goes on from here.",
        )
    left = ledger.stale_stages(ledger.runs(run.cfg.warehouse), run).filter(
        pl.col("inputs").is_not_null(), ~pl.col("day").is_between(first, last)
    )
    if left.height:
        days = left["day"].unique().sort()
        console.err.print(
            f"{len(days)} other days have something new or were never run: "
            f"flywheel backfill --from {days[0]} --to {days[-1]}"
        )
    return 1 if partial.height else 0
