"""Give every kept prompt its task type: keywords, the local classifier, then the strong model."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.stages import BY_NAME
from schemas.task_types import TaskTypes, load
from tasks.keywords import by_keywords
from tasks.stage import Outcome, Work, run_stage, stage_task
from tasks.tagging.local import Local, asks_model, describe, local_tagger
from tasks.tagging.orders import gives_orders, without_orders
from tasks.tagging.strong import known_tags, strong_tags
from tasks.tagging.tag import Tag

log = logging.getLogger("flywheel.stage")

TAGGERS = ("keywords", "classifier", "model", "none")
Tags = dict[str, Tag]  # by prompt_id


@stage_task(name="tag")
def tag(prompts: Batch, run: Run) -> Batch:
    """Write the task type of every kept prompt of the day to `tagged_prompts`."""

    def think(work: Work) -> Outcome:
        types = load(run.cfg.task_types)
        local = local_tagger(types, run.cfg)
        outcome = tag_prompts(work.todo, types, local, prompts.warehouse, run)
        log.info("%s tag: %s; %s", work.day, _shares(outcome.rows), describe(local))
        return outcome

    return run_stage(BY_NAME["tag"], prompts, run, think)


def tag_prompts(
    prompts: pl.DataFrame, types: TaskTypes, local: Local | None, warehouse: Path, run: Run
) -> Outcome:
    """Tag by keywords, by the classifier where it is sure, and by the strong model.

    What the model said before is taken first: it is paid for. Without a model, or with
    `tag.use_model = false`, the classifier's best guess stands, however unsure: most areas are
    right (benchmarks/tag.py), and `confidence` says which to trust.
    """
    tags, left = free_tags(prompts, types, local, warehouse, run)
    strong, message = strong_tags(left.to_dicts(), types, warehouse, run)
    tags |= strong
    rows = tagged_rows(prompts, tags, types)
    pending = prompts.height - rows.height
    return Outcome(rows, pending, message if pending else None)


def free_tags(
    prompts: pl.DataFrame, types: TaskTypes, local: Local | None, warehouse: Path, run: Run
) -> tuple[Tags, pl.DataFrame]:
    """Return the tags that cost nothing, and the prompts that are left for the strong model.

    Hostile prompts, and those that name a task type, are for the strong model alone, which sees
    them fenced and by themselves: their words are chosen to mislead.
    """
    if not asks_model(run.cfg):
        return _without_model(prompts, types, local, warehouse, run), prompts.clear()
    prompts = prompts.with_columns(hostile=pl.col("hostile") | gives_orders(types))
    plain = prompts.filter(~pl.col("hostile"))
    tags = _named(plain, types)
    tags |= known_tags(_without(prompts, tags).to_dicts(), types, warehouse, run)
    guesses = _guesses(_without(plain, tags), local)
    tags |= {id: tag for id, tag in guesses.items() if local and local.is_sure(tag)}
    return tags, _without(prompts, tags)


def tagged_rows(prompts: pl.DataFrame, tags: Tags, types: TaskTypes) -> pl.DataFrame:
    """Return the rows of `tagged_prompts` of those that have a tag."""
    rows = [
        _row(row, tags[row["prompt_id"]], types)
        for row in prompts.select("prompt_id", "day", "input_hash").to_dicts()
        if row["prompt_id"] in tags
    ]
    return contracts.frame("tagged_prompts", rows)


def _without_model(
    prompts: pl.DataFrame, types: TaskTypes, local: Local | None, warehouse: Path, run: Run
) -> Tags:
    suspect = pl.col("hostile") | gives_orders(types)
    heeded = prompts.filter(suspect).with_columns(prompt=without_orders(types))
    read = pl.concat([prompts.filter(~suspect), heeded])
    tags = _named(read, types)
    tags |= known_tags(_without(prompts, tags).to_dicts(), types, warehouse, run)
    return tags | _guesses(_without(read, tags), local)


def _named(prompts: pl.DataFrame, types: TaskTypes) -> Tags:
    found = by_keywords(prompts, types).drop_nulls("kind")
    return {id: Tag(f"{area}/{kind}", "keywords", 1.0) for id, area, kind in found.iter_rows()}


def _guesses(prompts: pl.DataFrame, local: Local | None) -> Tags:
    if local is None:
        return {}
    said = local.guess(prompts["prompt"].to_list())
    return dict(zip(prompts["prompt_id"], said, strict=True))


def _without(prompts: pl.DataFrame, tags: Mapping[str, Tag]) -> pl.DataFrame:
    return prompts.filter(~pl.col("prompt_id").is_in(list(tags)))


def _row(row: dict[str, Any], tag: Tag, types: TaskTypes) -> dict[str, Any]:
    area, _, kind = tag.label.partition("/")
    return {
        "day": row["day"],
        "prompt_id": row["prompt_id"],
        "area": area,
        "kind": kind,
        "confidence": tag.confidence,
        "tagger": tag.tagger,
        "taxonomy_version": types.version,
        "reason": tag.reason,
        "tag_key": tag.tag_key,
        "call_key": tag.call_key,
        "input_hash": row["input_hash"],
    }


def _shares(rows: pl.DataFrame) -> str:
    """Say which share of the rows each tagger named."""
    counts = dict(rows["tagger"].value_counts().iter_rows())
    shares = [f"{counts[name] / rows.height:.0%} by {name}" for name in TAGGERS if name in counts]
    return ", ".join(shares) or "nothing to tag"
