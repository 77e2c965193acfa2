"""Train a model on a frozen dataset, in a process of its own; a run that died goes on."""

import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from schemas.errors import FlywheelError, SettingsError
from schemas.release_settings import TrainSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks import runs
from tasks.adapters.locks import locked
from tasks.announce import show
from tasks.datasets import versions
from tasks.model_card import write_card
from tasks.sft.launch import launched
from tasks.sft.measure import write_rows
from tasks.sft.spec import Check, TrainResult, TrainSpec
from tasks.sft.train import preflight, run_child
from tasks.stage import stage_task
from tasks.training_progress import progress_of_training
from tasks.training_rows import training_rows

log = logging.getLogger("flywheel.stage")

_LONGEST_S = 7 * 24 * 3600.0  # another process may be training this very run: wait for it
_PACKED = (
    'train: `batching = "packed"` cuts rows anywhere and lets them see one another; a row that is '
    'cut has no end to learn from. It is there to compare with: take "concat" for a model to use.'
)
_OTHER_LOSS = (
    "train: the mix of dataset %s was planned for length_alpha = %s, and train.length_alpha is %s: "
    "the shares of the loss are not those of its plan. `flywheel dataset build` plans anew."
)
_NO_FIGURES = {"dropped", "versions", "fingerprint", "model", "checks", "validated"}


@stage_task(name="train")
def train(run: Run, version: str, name: str | None = None) -> str:
    """Train on a dataset version; return the id of the model, a candidate in the registry.

    The same dataset, base model and settings are the same run: it is resumed where it died, and
    not repeated once it is done.

    Raises:
        SettingsError: no base model is set.
        NotFound: there is no such dataset.
        DatasetError: another run has made a model of this name, or the dataset holds a prompt of
            an eval set that came after it.
        PreflightFailed: the model would be trained in vain.
        TrainingError: the base model cannot learn to stop, no row is left, or the process died.
    """
    cfg = run.cfg
    spec = training_spec(cfg, version)
    with locked(cfg.var / "locks" / f"train-{spec.out.name}.lock", timeout_s=_LONGEST_S):
        if made := runs.model_of(cfg, spec.out.name):
            log.info("train %s: done before, by the run %s", made, spec.out.name)
            return made
        begun = runs.begin(cfg, spec, version, name)
        try:
            versions.about(cfg.warehouse, version)  # the run holds it from now on
            with progress_of_training(begun["model_id"]) as hear:
                result = run_child(spec, hear)
            write_card(cfg, spec, begun, result)
        except FlywheelError as error:
            runs.fail(cfg, spec, begun, error)
            raise
        model_id = runs.finish(cfg, spec, begun, result)
    _announce(model_id, result)
    return model_id


def look(cfg: FlywheelSettings, version: str) -> tuple[Check, ...]:
    """Do every check that comes before training on a dataset version, and train nothing.

    Raises:
        SettingsError, NotFound, DatasetError: as `training_spec`.
        NotInstalled, TrainingFailed: the child could not start, or died.
    """
    return preflight(training_spec(cfg, version))


def training_spec(cfg: FlywheelSettings, version: str) -> TrainSpec:
    """Write the rows of a dataset as files, and say what to train; the run is named after both.

    Raises:
        SettingsError: no base model is set, batching and loss do not go together, or
            `accelerate_config` cannot be used.
        NotFound: there is no such dataset.
        DatasetError: it holds a prompt of an eval set that came after it.
    """
    if not cfg.train.base_model:
        raise SettingsError(
            "no base model to start from: set `base_model` under [train] in flywheel.toml to the "
            "folder of a Hugging Face model, or to its name on a hub."
        )
    _look_at_batching(cfg.train)
    about = versions.about(cfg.warehouse, version)
    versions.refuse_leaks(cfg.warehouse, version, cfg.dedupe)
    _look_at_mix(about, cfg.train)
    place = cfg.var / "training"
    place.mkdir(mode=0o700, exist_ok=True)
    spec = TrainSpec(
        **{**cfg.train.model_dump(), **launched(cfg.train)},
        rows=_written(place, cfg, version, "train"),
        validation=_written(place, cfg, version, "validation")
        if about["validation_rows"]
        else None,
        out=place,
    )
    return spec.model_copy(update={"out": place / spec.fingerprint()[:16]})


def _look_at_batching(cfg: TrainSettings) -> None:
    """Refuse or warn of what cannot be learned well."""
    if cfg.batching == "packed" and cfg.length_alpha:
        raise SettingsError(
            'length_alpha weighs whole answers, and `batching = "packed"` cuts them. Set '
            '`batching = "concat"` or `length_alpha = 0` under [train].'
        )
    if cfg.batching == "packed":
        log.warning(_PACKED)


def _look_at_mix(about: Mapping[str, Any], cfg: TrainSettings) -> None:
    planned = json.loads(about["settings"]).get("train.length_alpha", 0.0)
    if planned != cfg.length_alpha:
        log.warning(_OTHER_LOSS, about["dataset_version"], planned, cfg.length_alpha)


def _written(place: Path, cfg: FlywheelSettings, version: str, split: str) -> Path:
    """Write the rows of one split as a file, whole or not at all."""
    path = place / f"{version}.{split}.jsonl"
    unready = path.with_name(f".{path.name}.{os.getpid()}")
    write_rows(unready, training_rows(cfg.warehouse, version, split))
    unready.replace(path)
    return path


def _announce(model_id: str, result: TrainResult) -> None:
    figures = result.model_dump(exclude=_NO_FIGURES)
    rows = pl.DataFrame({"figure": list(figures), "value": [str(v) for v in figures.values()]})
    dropped = f", {len(result.dropped)} left out" if result.dropped else ""
    said = (
        f"train {model_id}: {result.rows} rows ({result.rows_with_copies} with copies){dropped}, "
        f"{result.steps} steps, loss {result.loss:.3f}, {result.seconds:.0f} s"
    )
    show(f"train-{model_id}", rows, said)
    for note in result.notes:
        log.warning("train %s: %s", model_id, note)
