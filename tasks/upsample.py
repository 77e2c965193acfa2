"""Make the dataset of a release: what is trained on, how often, and what is left out and why."""

import json
import logging
from datetime import date
from typing import Any

import polars as pl

from schemas import ddl
from schemas.errors import DatasetError, Refused, SettingsError
from schemas.release_settings import EXTRA, DatasetSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.stages import RELEASE
from schemas.task_types import UNKNOWN, load
from tasks import models
from tasks.adapters import store
from tasks.announce import show
from tasks.datasets.external import external_turns
from tasks.datasets.extra import extra_rows
from tasks.datasets.lay_out import lay_out
from tasks.datasets.leaks import exam_turns
from tasks.datasets.lengths import add_lengths
from tasks.datasets.versions import Dataset, freeze
from tasks.fingerprint import chosen_settings
from tasks.redaction.rules import rules_of
from tasks.stage import stage_task

log = logging.getLogger("flywheel.stage")

STAGE = RELEASE[0]
_IS_TRAIN = pl.col("split") == "train"


@stage_task(name="upsample")
def upsample(
    run: Run, first: date | None = None, last: date | None = None, name: str | None = None
) -> str:
    """Freeze the kept answers of a range of days as a dataset; return its version."""
    dataset = prepare(run.cfg, first, last)
    version = freeze(run.cfg.warehouse, dataset, name)
    show(f"upsample-{version}", dataset.plan.types, summary(dataset, version))
    for line in dataset.plan.warnings:
        log.warning("dataset %s: %s", version, line)
    return version


def prepare(cfg: FlywheelSettings, first: date | None = None, last: date | None = None) -> Dataset:
    """Lay out the dataset of a range of days, both included, without writing anything.

    Raises:
        Refused: a stage of these days failed, or more of them is pending than
            `dataset.max_pending` allows.
        DatasetError: they have no answer to train on, or none is left of them.
        SettingsError: a quota or share names a task type that is not in the list.
    """
    types = load(cfg.task_types)
    _know_types(cfg.dataset, types.labels)
    with store.reading(cfg.warehouse) as con:
        days = _days(con, first, last)
        state = store.frame(con, ddl.query("dataset_inputs"), **days).to_dicts()[0]
        waiting = store.frame(con, ddl.query("unfinished_stages"), **days)
        answers = _answers(con, **days)
        evals = store.frame(con, "FROM eval_prompts ORDER BY eval_set, prompt_id")
    _refuse_unfinished(waiting, state["kept"], cfg.dataset)
    if not answers.height:
        raise DatasetError(
            f"no kept answer from {days['first']} to {days['last']}: nothing to train on. "
            "`flywheel status` shows which days were run."
        )
    exams = exam_turns(evals) | external_turns(cfg.dataset.keep_out, rules_of(cfg))
    extra, unreadable = extra_rows(cfg.dataset.extra, days["last"], answers.schema, rules_of(cfg))
    measured, tokenizer = add_lengths(pl.concat([answers, extra]), cfg.train)
    rows, drops, plan = lay_out(measured, exams, types, cfg.dataset, cfg.dedupe)
    plan = plan._replace(eval_sets=tuple(evals["eval_set"].unique().sort()))
    drops = pl.concat([drops, unreadable]).sort("answer_id")
    if not rows.filter(_IS_TRAIN).height:
        raise DatasetError(
            f"nothing to train on is left of {answers.height} kept answers: {rows.height} to "
            f"validate, {drops.height} left out{_why(drops)}."
        )
    when = {"first_day": days["first"], "last_day": days["last"], "inputs": state["inputs"]}
    made = {"tokenizer_sha256": tokenizer, "plan": plan.as_json()}
    return Dataset(rows, drops, plan, when | _about(rows, drops, cfg) | made)


def _answers(con: store.Connection, first: date, last: date) -> pl.DataFrame:
    """Return the kept answers, a day at a time: joined together they would be in memory twice."""
    days = store.frame(con, _KEPT_DAYS, first=first, last=last)["day"].to_list()
    parts = [store.frame(con, ddl.query("upsample"), day=day) for day in days or [last]]
    return pl.concat(parts).sort("answer_id")


def _about(rows: pl.DataFrame, drops: pl.DataFrame, cfg: FlywheelSettings) -> dict[str, Any]:
    train = rows.filter(_IS_TRAIN)
    return {
        "tokenizer": models.shown_path(cfg, cfg.train.base_model) or None,
        "settings": json.dumps(chosen_settings(STAGE, cfg), sort_keys=True),
        "rows_in": rows.height + drops.height,
        "train_rows": train.height,
        "validation_rows": rows.height - train.height,
        "dropped": drops.height,
        "train_rows_with_copies": int(train["copies"].sum()),
        "label_tokens": int((train["label_tokens"] * train["copies"]).sum()),
    }


def summary(dataset: Dataset, version: str) -> str:
    """Say in one line what became of the kept answers and the chats of extra sets."""
    about = dataset.about
    areas = pl.concat([dataset.rows["area"], dataset.drops["area"]])
    of_sets = int((areas == EXTRA).sum())
    more = f" and {of_sets} chats of extra sets" if of_sets else ""
    return (
        f"dataset {version}: {about['rows_in'] - of_sets} kept answers{more}, "
        f"{about['train_rows']} to train on "
        f"({about['train_rows_with_copies']} with copies), {about['validation_rows']} to validate, "
        f"{about['dropped']} left out{_why(dataset.drops)}"
    )


def _why(drops: pl.DataFrame) -> str:
    """Say in brackets how many rows were left out for each reason."""
    reasons = drops["reason"].value_counts(sort=True).sort("count", "reason").rows()
    why = ", ".join(f"{reason} {count}" for reason, count in reversed(reasons))
    return f" ({why})" if why else ""


def _days(con: store.Connection, first: date | None, last: date | None) -> dict[str, date]:
    """Fill in the ends of a range that were not given: days that were run, kept answers or not."""
    ends = store.frame(con, _RUN_DAYS)
    first, last = first or ends["first"].item(), last or ends["last"].item()
    if first is None or last is None:
        raise DatasetError("no day has been run yet. `flywheel run` makes rows to train on.")
    if first > last:
        raise DatasetError(
            f"no day from {first} to {last}: the first day comes after the last one, which is the "
            "last that was run unless --to names one."
        )
    return {"first": first, "last": last}


_KEPT_DAYS = """
SELECT DISTINCT day FROM unique_answers WHERE drop_reason IS NULL AND day BETWEEN $first AND $last
ORDER BY day
"""
_RUN_DAYS = "SELECT min(day) AS first, max(day) AS last FROM stage_runs WHERE stage <> 'pull'"


def _refuse_unfinished(waiting: pl.DataFrame, kept: int, cfg: DatasetSettings) -> None:
    failed = waiting.filter(pl.col("status") == "failed")
    if failed.height:
        raise Refused(
            f"these days are not done: {_stages(failed)}. Mend what the messages say, and run "
            "these days again first."
        )
    pending = int(waiting["pending"].sum())
    if pending > cfg.max_pending * (kept + pending):
        raise Refused(
            f"{pending} units are pending, over dataset.max_pending = {cfg.max_pending:.1%} of "
            f"{kept + pending}: {_stages(waiting)}. Run these days again first, or raise "
            "max_pending."
        )


def _stages(waiting: pl.DataFrame) -> str:
    return "; ".join(
        f"{row['day']} {row['stage']}: {row['pending'] or row['status']} ({row['message']})"
        for row in waiting.to_dicts()
    )


def _know_types(cfg: DatasetSettings, labels: tuple[str, ...]) -> None:
    for setting in ("quotas", "loss_shares", "validation_shares"):
        for name in getattr(cfg, setting):
            if name not in (*labels, UNKNOWN):
                raise SettingsError(
                    f"dataset.{setting} names {name!r}, which is no task type; write area/kind as "
                    "in task_types.toml, such as writing/email."
                )
