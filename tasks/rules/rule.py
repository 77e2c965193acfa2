"""What a rule is."""

from collections.abc import Callable

import polars as pl

from schemas.settings import FilterSettings

Rule = Callable[[FilterSettings], pl.Expr]


def hit(value: pl.Expr, when: pl.Expr) -> pl.Expr:
    """Return the measured `value` as Float64 where the rule fires, null where it does not."""
    return pl.when(when).then(value.cast(pl.Float64))
