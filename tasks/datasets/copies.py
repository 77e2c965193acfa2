"""How often each row is shown, so that short answers get their share of the loss.

The loss is a mean over the label tokens of a global batch, whatever the batching: a task type with
0.8 % of them is hardly learned. A tiny model that learned a label among stories was shown its rows
four times, 3.2 % of the loss: exact match went from .66 to .91 with padding, from .61 to .93 with
packing. Eight times brought nothing clear on top.
"""

from collections.abc import Mapping
from math import inf

import polars as pl

from tasks.datasets.quotas import drawn

_SCALE = 1_000  # the loss of a row in thousandths of a label token: whole numbers add up alike
_DIGITS = 6  # of a factor


def loss_of() -> pl.Expr:
    """Return how much a row weighs in the loss, in thousandths of a label token of weight 1."""
    return (pl.col("label_tokens") * pl.col("weight") * _SCALE).round().cast(pl.Int64)


def choose_factors(
    loss: Mapping[str, int], floors: Mapping[str, float], max_copies: int
) -> dict[str, float]:
    """Return the least factors with which each task type has its share of the loss.

    Args:
        loss: what the rows of each task type weigh, shown once.
        floors: share of the loss that a task type has at least, 0 to 1; of others it may fall.
        max_copies: the largest factor, even where that share is not reached.
    """
    bounds = {label: floors[label] for label in loss if floors.get(label) and loss[label]}
    total = _total(loss, bounds, max_copies)
    return {
        label: round(_factor(total * bounds.get(label, 0), weight, max_copies), _DIGITS)
        for label, weight in loss.items()
    }


def _factor(wanted: float, weight: int, max_copies: int) -> float:
    return min(max(wanted / weight, 1.0), float(max_copies)) if weight else 1.0


def _total(loss: Mapping[str, int], floors: Mapping[str, float], max_copies: int) -> float:
    """Return the least loss of all rows together with which every share is reached or capped.

    That sum depends on factors which depend on it. Between two turning points, where some type
    begins to need copies or is at its cap, it grows in a straight line: go from one to the next.
    """
    starts = {label: loss[label] / share for label, share in floors.items()}
    ends = {label: start * max_copies for label, start in starts.items()}
    total = float(sum(loss.values()))
    for turn in sorted({point for point in (*starts.values(), *ends.values()) if point > total}):
        growing = sum(floors[label] for label in floors if starts[label] <= total < ends[label])
        shown = sum(
            weight * _factor(total * floors.get(label, 0), weight, max_copies)
            for label, weight in loss.items()
        )
        reached = total + (shown - total) / (1 - growing) if growing < 1 else inf
        if reached <= turn:
            return reached
        total = turn
    return total


def add_copies(rows: pl.DataFrame, factors: Mapping[str, float], seed: int) -> pl.DataFrame:
    """Add `copies`: the whole part of the factor, and one more for rows that make up the rest.

    Which rows get one more is drawn by a hash of seed and id, until the loss they add is enough.

    Args:
        rows: `answer_id`, `area`, `kind`, `label_tokens` and `weight` of rows to train on.
        factors: by task type.
        seed: another one draws other rows.
    """
    label = pl.concat_str("area", "kind", separator="/")
    planned = rows.with_columns(
        drawn(rows["answer_id"], seed),
        loss=loss_of(),
        factor=label.replace_strict(dict(factors), default=1.0, return_dtype=pl.Float64),
    )
    before = pl.col("loss").cum_sum().over("area", "kind", order_by="drawn") - pl.col("loss")
    rest = (pl.col("factor") % 1) * pl.col("loss").sum().over("area", "kind")
    copies = pl.col("factor").floor() + (before < rest)
    return planned.select(*rows.columns, copies=copies.cast(pl.Int32))
