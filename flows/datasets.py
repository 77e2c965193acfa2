"""`flywheel dataset` and `flywheel eval`: what models learn from, and what they are measured by."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from flows import console
from schemas.errors import DatasetError, SettingsError
from schemas.settings import FlywheelSettings
from tasks import exam, upsample
from tasks.adapters import store
from tasks.datasets import versions
from tasks.publish import publish_now
from tasks.sft.chat import for_template

Row = dict[str, Any]


def plan(cfg: FlywheelSettings, first: date | None, last: date | None) -> None:
    """Print what a build would show a model, and write nothing."""
    store.prepare(cfg.warehouse)
    _show_plan(upsample.prepare(cfg, first, last), "(not built)")


def build(cfg: FlywheelSettings, first: date | None, last: date | None, name: str | None) -> None:
    """Print the plan of a dataset, then freeze it."""
    store.prepare(cfg.warehouse)
    dataset = upsample.prepare(cfg, first, last)
    version = versions.freeze(cfg.warehouse, dataset, name)
    _show_plan(dataset, version)
    publish_now(cfg.warehouse, cfg.published)
    console.out.print(f"{version} sha256 {dataset.sha256}")


def _show_plan(dataset: versions.Dataset, version: str) -> None:
    console.table(dataset.plan, "What an epoch shows")
    console.out.print(upsample.summary(dataset, version))


def show_all(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print every dataset, newest last."""
    _show(store.select(cfg.warehouse, _LIST), as_json=as_json)


def show_one(cfg: FlywheelSettings, version: str, *, as_json: bool) -> None:
    """Print what a dataset is made of and which models were trained on it."""
    about = versions.about(cfg.warehouse, version)
    mix = store.select(cfg.warehouse, _MIX, version=version)
    drops = store.select(cfg.warehouse, _DROPS, version=version)
    runs = store.select(cfg.warehouse, _RUNS, version=version)
    if as_json:
        parts = {"mix": mix, "drops": drops, "runs": runs}
        body = about | {name: json.loads(rows.write_json()) for name, rows in parts.items()}
        console.raw(json.dumps(body, default=str, ensure_ascii=False))
        return
    rows = {"column": list(about), "value": [str(value) for value in about.values()]}
    console.table(pl.DataFrame(rows), version)
    console.table(mix, "What an epoch shows")
    console.table(drops, "What was left out")
    console.table(runs, "Runs on it")


def export(cfg: FlywheelSettings, version: str, format: str, out: Path, split: str) -> None:
    """Write the rows of one split as JSON lines, copies included.

    Raises:
        SettingsError: an unknown format or split.
        NotFound: there is no such dataset.
        DatasetError: the file cannot be written.
    """
    if format not in _FORMATS:
        raise SettingsError(f"--format {format}: wanted {' or '.join(_FORMATS)}.")
    if split not in ("train", "validation"):
        raise SettingsError(f"--split {split}: wanted train or validation.")
    versions.about(cfg.warehouse, version)
    rows = versions.training_rows(cfg.warehouse, version, split)
    count = _write(out, _repeated(rows), _FORMATS[format])
    console.out.print(f"wrote {count} rows to {out}")


def add_eval_set(cfg: FlywheelSettings, name: str, path: Path) -> None:
    """Freeze a file of eval prompts."""
    store.prepare(cfg.warehouse)
    count = exam.add_eval_set(cfg, name, path)
    publish_now(cfg.warehouse, cfg.published)
    console.out.print(f"eval set {name}: {count} prompts")


def show_eval_sets(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print every eval set with its number of prompts."""
    _show(store.select(cfg.warehouse, _EVAL_SETS), as_json=as_json)


def _messages(row: Row) -> Row:
    whole = [*row["prompt"], *row["completion"]]
    return {"id": row["id"], "messages": for_template(whole)}


_FORMATS: dict[str, Callable[[Row], Row]] = {"messages": _messages}


def _repeated(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        for _ in range(row["copies"]):
            yield row


def _write(out: Path, rows: Iterator[Row], shape: Callable[[Row], Row]) -> int:
    count = 0
    try:
        with out.open("w", encoding="utf-8") as lines:
            for count, row in enumerate(rows, 1):  # noqa: B007 - counted for the caller
                lines.write(json.dumps(shape(row), ensure_ascii=False) + "\n")
    except OSError as error:
        raise DatasetError(f"cannot write {out}: {error.strerror}.") from None
    return count


def _show(rows: pl.DataFrame, *, as_json: bool) -> None:
    if as_json:
        console.raw(rows.write_json())
    else:
        console.table(rows)


_LIST = """
SELECT dataset_version, created_at, first_day, last_day, train_rows, train_rows_with_copies,
       validation_rows, dropped, label_tokens, left(sha256, 12) AS sha256
FROM dataset_versions ORDER BY created_at, dataset_version
"""
_MIX = "SELECT * EXCLUDE dataset_version FROM dataset_mix WHERE dataset_version = $version"
_DROPS = """
SELECT reason, area, kind, count(*) AS "rows", min(answer_id) AS example_id,
       arg_min("match", answer_id) AS its_match
FROM dataset_drops WHERE dataset_version = $version GROUP BY ALL ORDER BY ALL
"""
_RUNS = """
SELECT t.run_id, t.model_id, t.status AS run, m.status AS model, t.loss, t.validation_loss
FROM training_runs t LEFT JOIN models m USING (model_id)
WHERE t.dataset_version = $version ORDER BY t.started_at
"""
_EVAL_SETS = """
SELECT eval_set, count(*) AS prompts, count(DISTINCT area || '/' || kind) AS task_types,
       count(*) FILTER (expectation = 'exact') AS exact
FROM eval_prompts GROUP BY eval_set ORDER BY eval_set
"""
