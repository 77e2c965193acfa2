"""Tag the prompts whose task type their own words give away."""

import polars as pl

from schemas.task_types import TaskTypes

# The request opens the prompt; further on stands its material, whose words mean nothing here.
HEAD_CHARS = 300


def by_keywords(prompts: pl.DataFrame, types: TaskTypes) -> pl.DataFrame:
    """Return prompt_id, area, kind: one row per prompt in the same order, null = not sure.

    The kind whose keyword fires earliest wins: the request comes before what it is about, so
    "write an email about the bug in my code" is an email. Two kinds that start at the same place
    are two readings of one request, and the strong model decides.
    """
    kinds = [kind for kind in types.kinds.values() if kind.keywords]
    labels = [kind.label for kind in kinds]
    head = pl.col("prompt").fill_null("").str.head(HEAD_CHARS)
    head = head.str.replace_all(label_names(types), " ")
    starts = prompts.select("prompt_id", *(head.str.find(k.pattern).alias(k.label) for k in kinds))
    earliest = starts.with_columns(
        first=pl.min_horizontal(pl.lit(None, pl.UInt32), *labels)
    ).with_columns((pl.col(label) == pl.col("first")).fill_null(value=False) for label in labels)
    return earliest.select("prompt_id", _only_true(labels)).unnest("label")


def label_names(types: TaskTypes) -> str:
    """Return a pattern of all names of task types: no keyword may fire within one."""
    return "(?i)" + "|".join(types.labels)


def _only_true(labels: list[str]) -> pl.Expr:
    """Return {area, kind} of the only column that is true; nulls if none or several are."""
    alone = pl.sum_horizontal(pl.lit(0, pl.UInt32), *labels) == 1
    label = pl.coalesce(
        pl.lit(None, pl.String), *(pl.when(label).then(pl.lit(label)) for label in labels)
    )
    area_and_kind = pl.when(alone).then(label).str.splitn("/", 2)
    return area_and_kind.struct.rename_fields(["area", "kind"]).alias("label")
