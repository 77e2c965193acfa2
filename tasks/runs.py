"""What the store keeps of SFT runs: begun, failed, done, and the model that came of it."""

import json
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts, names
from schemas.errors import DatasetError, FlywheelError
from schemas.settings import FlywheelSettings
from tasks import models
from tasks.adapters import store
from tasks.sft.spec import TrainResult, TrainSpec, TypeLoss
from tasks.sft.train import checked
from tasks.sft.weights import digest

Row = dict[str, Any]  # a row of `training_runs`

_SAME = (
    *("label_tokens", "tokens", "steps", "resumed_from", "loss", "validation_loss", "best_step"),
    *("pad_token", "pad_reason", "stop_token"),
)  # columns that are called as in the result
_PLACES = {"rows", "validation", "out", "accelerate_config"}


def model_of(cfg: FlywheelSettings, run_id: str) -> str | None:
    """Return the model that a run has made; None when it is not done, or its weights are gone."""
    found = store.select(cfg.warehouse, "FROM models WHERE run_id = $id", id=run_id).to_dicts()
    there = found and (cfg.root / found[0]["path"]).is_dir()
    return str(found[0]["model_id"]) if there else None


def begin(cfg: FlywheelSettings, spec: TrainSpec, version: str, name: str | None) -> Row:
    """Write a run, and the base model it starts from; return its row.

    Raises:
        SettingsError: the name cannot be one.
        DatasetError: another run has made a model of this name.
    """
    run_id = spec.out.name
    row: Row = dict.fromkeys(contracts.schema("training_runs"))
    model_id = names.checked(name, "a model") if name else f"{version}-{run_id[:6]}"
    row |= {"run_id": run_id, "model_id": model_id}
    row |= {"dataset_version": version, "base_model": base_id(cfg), "batching": spec.batching}
    row |= {"status": "running", "dropped": [], "started_at": store.now()}
    row["settings"] = spec.model_dump_json(exclude=_PLACES)
    with store.writing(cfg.warehouse) as con:
        row["model_id"] = _own_name(con, run_id) or row["model_id"]
        _refuse_taken(con, row)
        before = store.frame(con, "FROM training_runs WHERE run_id = $id", id=run_id).to_dicts()
        row["started_at"] = before[0]["started_at"] if before else row["started_at"]
        if not store.frame(con, _NAMED, model_id=row["base_model"]).height:
            path = models.shown_path(cfg, spec.base_model)
            models.write(
                con, models.new_model(model_id=row["base_model"], path=path, status="base")
            )
        _write(con, row)
    return row


def base_id(cfg: FlywheelSettings) -> str:
    """Return the id of the base model: its name and, by hash, its files."""
    return f"{Path(cfg.train.base_model).name}@{digest(cfg.train.base_model)[:8]}"


def fail(cfg: FlywheelSettings, spec: TrainSpec, row: Row, error: FlywheelError) -> None:
    """Write why a run stopped, and how far it came."""
    with store.writing(cfg.warehouse) as con:
        _write(con, row | {"status": "failed", "message": str(error), **_ended(spec)})
        _write_metrics(con, spec)


def finish(cfg: FlywheelSettings, spec: TrainSpec, row: Row, result: TrainResult) -> str:
    """Write a finished run, its steps and its model, a candidate; return the model's id.

    Raises:
        DatasetError: another run has made a model of this name meanwhile.
    """
    done = row | {name: getattr(result, name) for name in _SAME}
    done |= {"rows_trained": result.rows, "seconds": result.seconds, "status": "complete"}
    done |= {"versions": json.dumps(dict(result.versions)), **_ended(spec)}
    done |= {"notes": list(result.notes)}
    done["stop_rates"] = [rate.model_dump() for rate in result.stop_rates]
    done["dropped"] = [
        {"answer_id": gone.id or "", "reason": gone.reason, "tokens": gone.tokens}
        for gone in result.dropped
    ]
    shared = {name: row[name] for name in ("model_id", "run_id", "dataset_version", "base_model")}
    path = models.shown_path(cfg, result.model)
    with store.writing(cfg.warehouse) as con:
        _refuse_taken(con, row)  # another run may have finished under this name meanwhile
        _write(con, done)
        _write_metrics(con, spec)
        _write_validation(con, spec, result)
        if _own_name(con, spec.out.name) is None:
            models.write(con, models.new_model(**shared, path=path, status="candidate"))
    return str(row["model_id"])


def _ended(spec: TrainSpec) -> Row:
    checks = [check.model_dump(exclude={"fix"}) for check in checked(spec)]
    return {"checks": checks, "finished_at": store.now()}


def _refuse_taken(con: store.Connection, row: Row) -> None:
    taken = store.frame(con, _NAMED, model_id=row["model_id"])
    if taken.height and taken["run_id"].item() != row["run_id"]:
        raise DatasetError(
            f"there is a model {row['model_id']!r} already, of another run. Choose another name; "
            "what is trained is not lost."
        )


def _own_name(con: store.Connection, run_id: str) -> str | None:
    found = store.frame(con, "SELECT model_id FROM models WHERE run_id = $id", id=run_id)
    return found.item() if found.height else None


def _write(con: store.Connection, row: Row) -> None:
    store.upsert(con, "training_runs", contracts.frame("training_runs", [row]), "run_id")


def _write_metrics(con: store.Connection, spec: TrainSpec) -> None:
    path = spec.out / "metrics.jsonl"
    store.delete_where(con, "training_metrics", run_id=spec.out.name)
    text = path.read_bytes() if path.is_file() else b""
    whole = text.rpartition(b"\n")[0]  # a torn last line is none
    if whole:
        schema = contracts.schema("training_metrics")
        lines = pl.read_ndjson(whole).with_columns(run_id=pl.lit(spec.out.name))
        store.insert(con, "training_metrics", lines.select(list(schema)).cast(schema))


def _write_validation(con: store.Connection, spec: TrainSpec, result: TrainResult) -> None:
    """Write what was measured; the last look at a step has all rows and stands for the others."""
    found = {
        (look.step, part.task_type): part for look in result.validated for part in look.validation
    }
    rows = [_measured(spec, step, part) for (step, _), part in sorted(found.items())]
    store.delete_where(con, "training_validation", run_id=spec.out.name)
    store.insert(con, "training_validation", contracts.frame("training_validation", rows))


def _measured(spec: TrainSpec, step: int, part: TypeLoss) -> Row:
    area, _, kind = part.task_type.partition("/")
    told = part.model_dump(exclude={"task_type"})
    return {"run_id": spec.out.name, "step": step, "area": area, "kind": kind, **told}


_NAMED = "FROM models WHERE model_id = $model_id"
