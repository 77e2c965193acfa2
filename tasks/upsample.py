"""Make the dataset of a release: what is trained on, how often, and what is left out and why."""

import json
import logging
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import polars as pl

from schemas import contracts, ddl
from schemas.conversation import text_message
from schemas.errors import DatasetError, Refused, SettingsError
from schemas.release_settings import DatasetSettings
from schemas.run import Run
from schemas.settings import DedupeSettings, FlywheelSettings
from schemas.stages import RELEASE
from schemas.task_types import UNKNOWN, load
from tasks import models
from tasks.adapters import store
from tasks.announce import show
from tasks.datasets.external import external_turns
from tasks.datasets.leaks import Leaks, Turns, exam_turns, mark_matches, turns
from tasks.datasets.lengths import add_lengths
from tasks.datasets.mix import plan_mix
from tasks.datasets.split import splits, too_few_to_validate
from tasks.datasets.versions import Dataset, freeze
from tasks.fingerprint import chosen_settings, text_hash
from tasks.redaction.rules import rules_of
from tasks.stage import stage_task

log = logging.getLogger("flywheel.stage")

STAGE = RELEASE[0]


@stage_task(name="upsample")
def upsample(
    run: Run, first: date | None = None, last: date | None = None, name: str | None = None
) -> str:
    """Freeze the kept answers of a range of days as a dataset; return its version."""
    dataset = prepare(run.cfg, first, last)
    version = freeze(run.cfg.warehouse, dataset, name)
    show(f"upsample-{version}", dataset.plan, summary(dataset, version))
    if few := too_few_to_validate(dataset.rows, run.cfg.dataset.min_validation_rows):
        log.warning("%s", few)
    return version


def prepare(cfg: FlywheelSettings, first: date | None = None, last: date | None = None) -> Dataset:
    """Lay out the dataset of a range of days, both included, without writing anything.

    Raises:
        Refused: a stage of these days failed, or more of them is pending than
            `dataset.max_pending` allows.
        DatasetError: they have no answer to train on, or none is left of them.
        SettingsError: a quota names a task type that is not in the list.
    """
    types = load(cfg.task_types)
    _know_quotas(cfg.dataset, types.labels)
    with store.reading(cfg.warehouse) as con:
        days = _days(con, first, last)
        state = store.frame(con, ddl.query("dataset_inputs"), **days).to_dicts()[0]
        waiting = store.frame(con, ddl.query("unfinished_stages"), **days)
        answers = store.frame(con, ddl.query("upsample"), **days)
        evals = store.frame(con, "FROM eval_prompts ORDER BY eval_set, prompt_id")
    _refuse_unfinished(waiting, state["kept"], cfg.dataset)
    if not answers.height:
        raise DatasetError(
            f"no kept answer from {days['first']} to {days['last']}: nothing to train on. "
            "`flywheel status` shows which days were run."
        )
    measured = add_lengths(answers, cfg.train)
    exams = exam_turns(evals) | external_turns(cfg.dataset.keep_out, rules_of(cfg))
    rows, drops, plan = lay_out(measured, exams, types.short, cfg.dataset, cfg.dedupe)
    if not plan.height:
        raise DatasetError(
            f"nothing to train on is left of {answers.height} kept answers: {rows.height} to "
            f"validate, {drops.height} left out{_why(drops)}."
        )
    when = {"first_day": days["first"], "last_day": days["last"], "inputs": state["inputs"]}
    return Dataset(rows, drops, plan, when | _about(rows, drops, cfg))


def lay_out(
    answers: pl.DataFrame,
    exams: Mapping[str, Turns],
    short: frozenset[str],
    cfg: DatasetSettings,
    twins: DedupeSettings,
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return the rows of the dataset, what is left out, and the plan of its mix.

    Every answer is in one of the first two. In this order: it repeats an eval prompt (`leak`), it
    cannot be trained on (`too_long` ...), it repeats a row of the validation split
    (`split_conflict`), its task type has enough (`quota`).

    Args:
        answers: what schemas/queries/upsample.sql selects, with `tokens`, `label_tokens` and
            `length_reason`.
        exams: what the user says in each eval prompt.
        short: labels of the task types with short answers.
        cfg: shares, copies and quotas.
        twins: what makes two prompts the same.
    """
    rows = answers.with_columns(
        splits(answers, cfg.validation_share),
        reason=pl.lit(None, pl.String),
        match=pl.lit(None, pl.String),
        jaccard=pl.lit(None, pl.Float64),
    )
    rows = _leave_out(rows, "leak", Leaks(exams, twins).mark)
    rows = rows.with_columns(reason=pl.coalesce("reason", "length_reason"))
    held = rows.filter(_STAYS & ~_IS_TRAIN).select("answer_id", "messages")
    said = {id_: turns(messages) for id_, messages in held.iter_rows()}
    rows = _leave_out(
        rows, "split_conflict", lambda some: mark_matches(some, said, twins), where=_IS_TRAIN
    )
    rows = _leave_out_over_quota(rows, cfg)
    kept = rows.filter(_STAYS)
    plan = plan_mix(
        kept.filter(_IS_TRAIN), short, min_share=cfg.min_short_share, max_copies=cfg.max_copies
    )
    drops = rows.filter(~_STAYS).sort("answer_id").select(_columns("dataset_drops"))
    return _with_copies(kept.sort("answer_id"), plan), drops, plan


_STAYS = pl.col("reason").is_null()
_IS_TRAIN = pl.col("split") == "train"


def _leave_out(
    rows: pl.DataFrame,
    reason: str,
    mark: Callable[[pl.DataFrame], pl.DataFrame],
    *,
    where: pl.Expr = _STAYS,
) -> pl.DataFrame:
    """Give rows this reason that `mark` finds a `match` for.

    A prompt that was rewritten is looked at as it is and as it was.
    """
    looked_at = rows.filter(_STAYS & where).select("answer_id", "messages", "answer", "as_logged")
    logged = looked_at.drop_nulls("as_logged").with_columns(messages="as_logged")
    found = mark(pl.concat([looked_at, logged])).filter(pl.col("match").is_not_null())
    found = found.unique("answer_id", keep="first", maintain_order=True)
    marks = found.select("answer_id", "match", "jaccard", reason=pl.lit(reason))
    return rows.update(marks, on="answer_id")


def _leave_out_over_quota(rows: pl.DataFrame, cfg: DatasetSettings) -> pl.DataFrame:
    """Give rows to train on beyond the quota of their task type this reason; a hash chooses."""
    ids = rows.filter(_STAYS & _IS_TRAIN).select("answer_id", "area", "kind")
    drawn = [int(text_hash([cfg.seed, id_]), 16) for id_ in ids["answer_id"]]
    label = pl.concat_str("area", "kind", separator="/")
    placed = ids.with_columns(
        pl.Series("drawn", drawn, dtype=pl.UInt64),
        quota=label.replace_strict(dict(cfg.quotas), default=None, return_dtype=pl.Int64),
    ).with_columns(place=pl.col("drawn").rank("ordinal").over("area", "kind"))
    over = placed.filter(pl.col("place") > pl.col("quota"))
    return rows.update(over.select("answer_id", reason=pl.lit("quota")), on="answer_id")


def _with_copies(kept: pl.DataFrame, plan: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `sft_rows`: the answer joins its prompt, training rows get copies."""
    whole = [
        [*prompt, text_message("assistant", answer)]
        for prompt, answer in kept.select("messages", "answer").iter_rows()
    ]
    one = pl.lit(1, dtype=pl.Int32)
    rows = kept.join(plan.select("area", "kind", "copies"), on=["area", "kind"], how="left")
    return rows.with_columns(
        pl.Series("messages", whole, dtype=kept.schema["messages"]),
        copies=pl.when(_IS_TRAIN).then("copies").otherwise(one),
        weight=pl.lit(1.0),
    ).select(_columns("sft_rows"))


def _columns(table: str) -> list[str]:
    return [name for name in contracts.schema(table) if name != "dataset_version"]


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
    """Say in one line what became of the kept answers."""
    about = dataset.about
    return (
        f"dataset {version}: {about['rows_in']} kept answers, {about['train_rows']} to train on "
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
    return {"first": first, "last": last}


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


def _know_quotas(cfg: DatasetSettings, labels: tuple[str, ...]) -> None:
    unknown = [label for label in cfg.quotas if label not in (*labels, UNKNOWN)]
    if unknown:
        raise SettingsError(
            f"dataset.quotas names {unknown[0]!r}, which is no task type; write area/kind as in "
            "task_types.toml, such as writing/email."
        )
