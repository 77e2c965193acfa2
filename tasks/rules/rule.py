"""What a rule is."""

from collections.abc import Callable

import polars as pl

from schemas.filter_settings import FilterSettings

Rule = Callable[[FilterSettings], pl.Expr]


def hit(value: pl.Expr, when: pl.Expr) -> pl.Expr:
    """Return the measured `value` as Float64 where the rule fires, null where it does not."""
    return pl.when(when).then(value.cast(pl.Float64))


def nth(*same: pl.Expr) -> pl.Expr:
    """Return 1, 2, 3 for rows alike in `same`, in the order (started_at, chat_id, turn)."""
    alike = pl.struct(*same).hash()
    # rows that are like no other share one group, the null one: ordering many groups is slow
    shared = pl.when(pl.len().over(alike) > 1).then(alike)
    order = ("started_at", "chat_id", "turn")
    numbered = pl.int_range(1, pl.len() + 1).over(shared, order_by=order)
    return pl.when(shared.is_null()).then(1).otherwise(numbered)
