"""`flywheel dataset` and `flywheel eval`: what models learn from, and what they are measured by."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from flows import console
from schemas.settings import FlywheelSettings
from tasks import exam, upsample
from tasks.adapters import store
from tasks.datasets import versions
from tasks.publish import publish_now


def plan(
    cfg: FlywheelSettings, first: date | None, last: date | None, *, as_json: bool = False
) -> None:
    """Print what a build would show a model, and write nothing."""
    store.prepare(cfg.warehouse)
    dataset = upsample.prepare(cfg, first, last)
    if as_json:
        body = dataset.about | {
            "sha256": dataset.sha256,
            "plan": json.loads(dataset.plan.as_json()),
        }
        console.raw(json.dumps(body, default=str, ensure_ascii=False))
    else:
        _show_plan(dataset, "(not built)")


def build(cfg: FlywheelSettings, first: date | None, last: date | None, name: str | None) -> None:
    """Print the plan of a dataset, then freeze it."""
    store.prepare(cfg.warehouse)
    if name:
        versions.refuse_taken(cfg.warehouse, name)
    dataset = upsample.prepare(cfg, first, last)
    version = versions.freeze(cfg.warehouse, dataset, name)
    _show_plan(dataset, version)
    publish_now(cfg.warehouse, cfg.published)
    console.out.print(f"{version} sha256 {dataset.sha256}")


def _show_plan(dataset: versions.Dataset, version: str) -> None:
    console.table(dataset.plan.types, "What an epoch shows")
    if dataset.plan.traits.height:
        console.table(dataset.plan.traits, "Traits with a quota")
    _warn(dataset.plan.warnings)
    console.out.print(upsample.summary(dataset, version))


def _warn(warnings: Sequence[str]) -> None:
    for line in warnings:
        console.out.print(f"warning: {line}", soft_wrap=True, markup=False)


def show_all(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print every dataset, newest last."""
    _show(store.select(cfg.warehouse, _LIST), as_json=as_json)


def show_one(cfg: FlywheelSettings, version: str, *, as_json: bool) -> None:
    """Print what a dataset is made of and which models were trained on it."""
    about = versions.about(cfg.warehouse, version)
    mix = store.select(cfg.warehouse, _MIX, version=version)
    drops = store.select(cfg.warehouse, _DROPS, version=version)
    runs = store.select(cfg.warehouse, _RUNS, version=version)
    plan = json.loads(about.pop("plan") or "{}")
    if as_json:
        parts = {"mix": mix, "drops": drops, "runs": runs}
        body = about | {"plan": plan or None}
        body |= {name: json.loads(rows.write_json()) for name, rows in parts.items()}
        console.raw(json.dumps(body, default=str, ensure_ascii=False))
        return
    rows = {"column": list(about), "value": [str(value) for value in about.values()]}
    console.table(pl.DataFrame(rows), version)
    console.table(mix, "What an epoch shows")
    _warn(plan.get("warnings", ()))
    console.table(drops, "What was left out")
    console.table(runs, "Runs on it")


def add_eval_set(cfg: FlywheelSettings, name: str, path: Path) -> None:
    """Freeze a file of eval prompts."""
    store.prepare(cfg.warehouse)
    count = exam.add_eval_set(cfg, name, path)
    publish_now(cfg.warehouse, cfg.published)
    console.out.print(f"eval set {name}: {count} prompts")


def show_eval_sets(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print every eval set with its number of prompts."""
    _show(store.select(cfg.warehouse, _EVAL_SETS), as_json=as_json)


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
SELECT reason, CASE reason WHEN 'leak' THEN regexp_replace("match", '/[^/]*$', '') END AS of_set,
       area, kind, count(*) AS "rows", min(answer_id) AS example_id,
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
