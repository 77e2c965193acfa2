"""The day half of the flywheel: from the logs of a day to answers worth training on."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks.adapters import store
from tasks.answer import answer
from tasks.answering.style import styles_of
from tasks.check import check
from tasks.dedupe import dedupe_answers, dedupe_prompts
from tasks.filter import filter_prompts
from tasks.ledger import days_to_do
from tasks.publish import publish
from tasks.pull import pull
from tasks.tag import tag


def one_day(chats: Batch, run: Run) -> Batch:
    """Run every stage of a day; a stage with nothing new is skipped."""
    prompts = filter_prompts(chats, run)
    tagged = tag(prompts, run)
    unique = dedupe_prompts(tagged, run)
    answers = answer(unique, run)
    checked = check(answers, run)
    return dedupe_answers(checked, run)


def every_day(first: date, last: date, run: Run) -> None:
    """Run the days that have something to do, and publish: also what a stopped stage has left.

    Raises:
        SettingsError: the settings name a task type, an endpoint or a template that is not there.
    """
    styles_of(run.cfg)  # before tags are paid for
    try:
        for chats in days_to_do(run, first, last):
            one_day(chats, run)
    finally:
        publish(run)


def _named() -> str:
    """Name a run after the day it was asked for, or after the day before its schedule."""
    return f"flywheel-{flow_run.parameters.get('day') or _day_before()}"


@flow(name="flywheel", flow_run_name=_named)
def flywheel(
    day: date | None = None,
    cfg: FlywheelSettings | None = None,
    run: Run | None = None,
) -> None:
    """Pull what is new, then run `day` and the stale days near it; running it twice = once.

    Args:
        day: UTC day; unset, the day before the run was scheduled.
        cfg: settings; unset, the flywheel.toml of the current folder.
        run: name of the run and what to do over; unset, a new run of `cfg`.
    """
    run = run or Run(cfg=cfg or load(Path("flywheel.toml")))
    day = day or _day_before()
    store.prepare(run.cfg.warehouse)
    pull(day, run)
    every_day(day, day, run)


def _day_before() -> date:
    planned: datetime = flow_run.scheduled_start_time or datetime.now(UTC)
    return planned.astimezone(UTC).date() - timedelta(days=1)
