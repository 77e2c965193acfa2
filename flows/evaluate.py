"""Compare two models that are in the registry already."""

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks import evaluate as stage
from tasks.adapters import store
from tasks.publish import publish


def _named() -> str:
    return f"evaluate-{flow_run.parameters.get('model')}"


@flow(name="evaluate", flow_run_name=_named, persist_result=False)
def evaluate(
    model: str,
    against: str | None = None,
    cfg: FlywheelSettings | None = None,
    run: Run | None = None,
) -> str:
    """Let two models answer the eval set and return the id of the second.

    Args:
        model: id of the candidate.
        against: id of the other; unset, the champion, else the base the candidate started from.
        cfg: settings; unset, the flywheel.toml of the current folder.
        run: name of the run; unset, a new run of `cfg`.
    """
    run = run or Run(cfg=cfg or load(Path("flywheel.toml")))
    store.prepare(run.cfg.warehouse)
    try:
        return stage.evaluate(run, model, against)
    finally:
        publish(run)
