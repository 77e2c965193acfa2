"""What a rule is."""

from collections.abc import Callable

import polars as pl

from schemas.settings import FilterSettings

Rule = Callable[[FilterSettings], pl.Expr]


def hit(value: pl.Expr, when: pl.Expr) -> pl.Expr:
    """Return the measured `value` as Float64 where the rule fires, null where it does not."""
    return pl.when(when).then(value.cast(pl.Float64))


def nth(*same: pl.Expr) -> pl.Expr:
    """Number the rows that are alike in `same` from 1, in the order (started_at, chat_id, turn)."""
    order = ("started_at", "chat_id", "turn")
    return pl.int_range(1, pl.len() + 1).over(*same, order_by=order)
