"""Sort the kept answers of some days: to train on, to measure, or left out with the reason."""

from collections.abc import Callable, Mapping

import polars as pl

from schemas import contracts
from schemas.release_settings import DatasetSettings
from schemas.settings import DedupeSettings
from schemas.task_types import TaskTypes
from tasks.datasets.concerns import concerns
from tasks.datasets.leaks import Leaks, Turns, mark_matches, turns
from tasks.datasets.mix import Plan, plan_mix
from tasks.datasets.quotas import IS_TYPE, filled, group_of, over_quota, quotas
from tasks.datasets.split import splits
from tasks.datasets.whole_chats import whole_chats

_STAYS = pl.col("reason").is_null()
_IS_TRAIN = pl.col("split") == "train"


def lay_out(
    answers: pl.DataFrame,
    exams: Mapping[str, Turns],
    types: TaskTypes,
    cfg: DatasetSettings,
    twins: DedupeSettings,
) -> tuple[pl.DataFrame, pl.DataFrame, Plan]:
    """Return the rows of the dataset, what is left out, and the plan of its mix.

    Every answer is in one of the first two. In this order: it repeats an eval prompt (`leak`), it
    cannot be trained on (`too_long` ...), it repeats a row of the validation split
    (`split_conflict`), its task type or trait has enough (`quota`).

    Args:
        answers: what schemas/queries/upsample.sql selects, with what `add_lengths` adds.
        exams: what the user says in each eval prompt.
        types: their difficulty and weight, and whose answers are short.
        cfg: shares, copies and quotas.
        twins: what makes two prompts the same.
    """
    rows = answers.with_columns(
        splits(answers, cfg),
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
    rows, mix = _leave_out_over_quota(rows, types, cfg)
    kept = rows.filter(_STAYS)
    train, shown = plan_mix(kept.filter(_IS_TRAIN), mix.filter(IS_TYPE), types.short, cfg)
    traits = mix.filter(~IS_TYPE)
    plan = Plan(shown, traits, concerns(kept, shown, traits, cfg))
    drops = rows.filter(~_STAYS).sort("answer_id").select(_columns("dataset_drops"))
    once = kept.filter(~_IS_TRAIN).with_columns(copies=pl.lit(1, pl.Int32))
    return _whole(pl.concat([train, once])), drops, plan


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


def _leave_out_over_quota(
    rows: pl.DataFrame, types: TaskTypes, cfg: DatasetSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Give rows to train on beyond their quota this reason; return what became of each quota."""
    ready = rows.filter(_STAYS & _IS_TRAIN).select("answer_id", group=group_of(cfg.trait_quotas))
    available = dict(ready["group"].value_counts().iter_rows())
    wanted = quotas(available, types, cfg)
    over = pl.DataFrame({"answer_id": over_quota(ready, wanted, cfg.seed)})
    marked = rows.update(over.with_columns(reason=pl.lit("quota")), on="answer_id")
    return marked, filled(available, wanted, cfg.min_rows)


def _whole(kept: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `sft_rows`: the answer joins its prompt."""
    whole = kept.with_columns(whole_chats(kept["messages"], kept["answer"]))
    return whole.sort("answer_id").select(_columns("sft_rows"))


def _columns(table: str) -> list[str]:
    return [name for name in contracts.schema(table) if name != "dataset_version"]
