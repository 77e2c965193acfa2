"""Train one model on a dataset that is frozen already."""

from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run

from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks import train as stage
from tasks.adapters import store
from tasks.publish import publish


def _named() -> str:
    return f"train-{flow_run.parameters.get('dataset')}"


@flow(name="train", flow_run_name=_named, persist_result=False)
def train(
    dataset: str,
    name: str | None = None,
    cfg: FlywheelSettings | None = None,
    run: Run | None = None,
) -> str:
    """Train on a dataset version and return the id of the model, a candidate.

    Args:
        dataset: version, as `flywheel dataset list` shows it.
        name: of the model; unset, it is named after the dataset and the run.
        cfg: settings; unset, the flywheel.toml of the current folder.
        run: name of the run; unset, a new run of `cfg`.
    """
    run = run or Run(cfg=cfg or load(Path("flywheel.toml")))
    store.prepare(run.cfg.warehouse)
    try:
        return stage.train(run, dataset, name)
    finally:
        publish(run)
