"""What an epoch shows of each task type, and what that makes of the loss."""

import json
from collections.abc import Mapping
from typing import NamedTuple

import polars as pl

from schemas.release_settings import DatasetSettings
from tasks.datasets.copies import add_copies, choose_factors, loss_of

PLAN = pl.Schema(
    {
        "area": pl.String,
        "kind": pl.String,
        "short": pl.Boolean,
        "available": pl.Int64,
        "quota": pl.Int64,
        "shortfall": pl.Int64,
        "rows": pl.Int64,
        "label_tokens": pl.Int64,
        "share": pl.Float64,
        "floor": pl.Float64,
        "factor": pl.Float64,
        "share_after": pl.Float64,
    }
)


class Plan(NamedTuple):
    """What a dataset shows, and what is to be known before it is built.

    types      per task type; see `plan_mix`
    traits     per trait with a quota: what `quotas.filled` returns
    warnings   sentences
    eval_sets  the ones whose prompts were looked for and left out; none can change later
    """

    types: pl.DataFrame
    traits: pl.DataFrame
    warnings: tuple[str, ...]
    eval_sets: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Return all of it as a JSON object."""
        tables = {"types": self.types, "traits": self.traits}
        body = {name: json.loads(rows.write_json()) for name, rows in tables.items()}
        body |= {"warnings": self.warnings, "eval_sets": self.eval_sets}
        return json.dumps(body, ensure_ascii=False)


def floors_of(short: frozenset[str], cfg: DatasetSettings) -> dict[str, float]:
    """Return the least share of the loss of each task type that has one."""
    return dict.fromkeys(short, cfg.min_short_share) | dict(cfg.loss_shares)


def plan_mix(
    rows: pl.DataFrame, filled: pl.DataFrame, short: frozenset[str], cfg: DatasetSettings
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with their `copies`, and what they make of the loss, per task type.

    A share of the loss is a share of the label tokens, each times the weight that
    `train.length_alpha` gives it and the copies of its row: every batching of `train.batching`
    has that loss.

    Args:
        rows: `answer_id`, `area`, `kind`, `label_tokens` and `weight` of the rows to train on.
        filled: what `quotas.filled` returns for task types, of which some have no row.
        short: labels, as area/kind, of the task types whose answers are short.
        cfg: the shares, and how many copies there are at most.

    Returns:
        the rows, and a frame with the columns of PLAN: `share` and `share_after` are those of the
        loss with one copy and as planned, `floor` what `share_after` should be at least, `factor`
        how often a row is shown on average, `rows` counts each once.
    """
    floors = floors_of(short, cfg)
    factors = choose_factors(_loss(rows), floors, cfg.max_copies)
    shown = add_copies(rows, factors, cfg.seed)
    return shown, _table(shown, filled, short, floors)


def _loss(rows: pl.DataFrame) -> dict[str, int]:
    label = pl.concat_str("area", "kind", separator="/")
    counted = rows.group_by(label=label).agg(loss_of().sum()).sort("label")
    return dict(counted.iter_rows())


def _table(
    shown: pl.DataFrame, filled: pl.DataFrame, short: frozenset[str], floors: Mapping[str, float]
) -> pl.DataFrame:
    loss = loss_of()
    counted = shown.group_by(group=pl.concat_str("area", "kind", separator="/")).agg(
        rows=pl.len(),
        label_tokens=pl.col("label_tokens").sum(),
        factor=pl.col("copies").mean(),
        once=loss.sum(),
        after=(loss * pl.col("copies")).sum(),
    )
    table = filled.drop("rows").join(counted, on="group", how="left")
    group = pl.col("group")
    table = table.with_columns(
        group.str.split_exact("/", 1).struct.rename_fields(["area", "kind"]).alias("parts"),
        pl.col("rows", "label_tokens").fill_null(0),
        short=group.is_in(sorted(short)),
        floor=group.replace_strict(floors, default=None, return_dtype=pl.Float64),
        share=pl.col("once") / pl.col("once").sum(),
        share_after=pl.col("after") / pl.col("after").sum(),
    )
    return table.unnest("parts").select(list(PLAN)).cast(PLAN).sort("area", "kind")
