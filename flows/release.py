"""The release half of the flywheel: from rows to a model that is better, or is refused."""

from datetime import date
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks.adapters import store
from tasks.evaluate import eval_prompts, evaluate
from tasks.promote import Decision, promote
from tasks.publish import publish
from tasks.train import train
from tasks.upsample import upsample


def _named() -> str:
    given = flow_run.parameters
    return f"release-{given.get('name') or given.get('last') or 'all-days'}"


@flow(name="release", flow_run_name=_named, persist_result=False)
def release(
    first: date | None = None,
    last: date | None = None,
    name: str | None = None,
    cfg: FlywheelSettings | None = None,
    run: Run | None = None,
) -> Decision:
    """Make a dataset of a range of days, train on it, and promote the model if it is better.

    Killed at any point, the same release goes on from there.

    Args:
        first: first UTC day; unset, the first there is.
        last: last UTC day, included; unset, the last there is.
        name: of dataset and model; unset, they are named after days and hash.
        cfg: settings; unset, the flywheel.toml of the current folder.
        run: name of the run; unset, a new run of `cfg`.
    """
    run = run or Run(cfg=cfg or load(Path("flywheel.toml")))
    store.prepare(run.cfg.warehouse)
    eval_prompts(run.cfg)  # a missing eval set shows before a GPU minute is spent
    try:
        version = upsample(run, first, last, name)
        model_id = train(run, version, name)
        evaluate(run, model_id)
        return promote(run, model_id)
    finally:
        publish(run)
