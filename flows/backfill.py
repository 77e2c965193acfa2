"""The daily flow over a range of days, inside one flow run: a sub-flow each would cost a second."""

from datetime import date
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from flows.flywheel import every_day
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks.adapters import store
from tasks.pull import pull


def _named() -> str:
    return f"backfill-{flow_run.parameters.get('first')}-{flow_run.parameters.get('last')}"


@flow(name="backfill", flow_run_name=_named)
def backfill(
    first: date,
    last: date,
    cfg: FlywheelSettings | None = None,
    run: Run | None = None,
) -> None:
    """Pull what is new, then run every day from `first` to `last`, both included, that has chats.

    Args:
        first: UTC day.
        last: UTC day.
        cfg: settings; unset, the flywheel.toml of the current folder.
        run: name of the run and what to do over; unset, a new run of `cfg`.
    """
    run = run or Run(cfg=cfg or load(Path("flywheel.toml")))
    store.prepare(run.cfg.warehouse)
    pull(last, run, first)
    every_day(first, last, run)
