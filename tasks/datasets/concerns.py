"""What practice warns of before a dataset is trained on. Nothing is left out for it."""

from collections.abc import Iterator

import polars as pl

from schemas.release_settings import DatasetSettings
from tasks.datasets.split import too_few_to_validate

# LIMA (arXiv:2305.11206) did with 1,000 chosen rows; Tulu 3 (arXiv:2411.15124) takes 939,000
FEW_ROWS, MANY_ROWS = 10_000, 1_000_000
MOST_OF_THE_LOSS = 0.5
_SOURCES = {"teacher": "one model's habits become the student's", "template": "answers of one form"}


def concerns(
    rows: pl.DataFrame, plan: pl.DataFrame, traits: pl.DataFrame, cfg: DatasetSettings
) -> tuple[str, ...]:
    """Return a sentence for each thing to look at.

    Args:
        rows: `area`, `kind`, `split`, `teacher` and `template`.
        plan: what `plan_mix` made of them.
        traits: what `quotas.filled` says of traits.
        cfg: `max_source_share`.
    """
    train = rows.filter(pl.col("split") == "train")
    types = plan.with_columns(group=pl.concat_str("area", "kind", separator="/"))
    return (
        *_of_size(train.height),
        *_too_much(types),
        *_of_sources(train, cfg),
        *_missing(types),
        *_missing(traits),
        *_too_little(types),
        *too_few_to_validate(rows, cfg.min_validation_rows),
    )


def _of_size(rows: int) -> Iterator[str]:
    if rows < FEW_ROWS:
        yield f"{rows:,} rows to train on: under {FEW_ROWS:,} every wrong one counts. Read them."
    if rows > MANY_ROWS:
        yield (
            f"{rows:,} rows to train on: over {MANY_ROWS:,} more cost time and rarely help. Set "
            "dataset.rows, or quotas."
        )


def _too_much(types: pl.DataFrame) -> Iterator[str]:
    most = pl.col("share_after") > MOST_OF_THE_LOSS
    for row in types.filter(most, pl.col("share_after") < 1).to_dicts():
        yield (
            f"{row['group']} has {row['share_after']:.0%} of the loss: the model becomes a "
            "specialist. Give it less room under dataset.quotas."
        )


def _of_sources(train: pl.DataFrame, cfg: DatasetSettings) -> Iterator[str]:
    for column, why in _SOURCES.items():
        counted = train[column].drop_nulls().value_counts().sort("count", column, descending=True)
        for name, rows in counted.head(1).iter_rows():
            if rows > cfg.max_source_share * train.height:
                share = rows / train.height
                yield f"{share:.0%} of the rows are of the {column} {name}: {why}."


def _missing(groups: pl.DataFrame) -> Iterator[str]:
    for row in groups.filter(pl.col("shortfall") > 0).to_dicts():
        wanted = row["available"] + row["shortfall"]
        yield f"{row['group']}: {row['available']} of {wanted} rows wanted."


def _too_little(types: pl.DataFrame) -> Iterator[str]:
    for row in types.filter(pl.col("share_after") < _MISSED * pl.col("floor")).to_dicts():
        yield (
            f"{row['group']} gets {row['share_after']:.2%} of the loss, not {row['floor']:.2%}: "
            "dataset.max_copies is reached. It needs more prompts, not more copies."
        )


_MISSED = 0.99  # a row more or less of another type moves a share
