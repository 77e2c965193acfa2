"""What a trait is."""

from collections.abc import Callable

import polars as pl

from schemas.filter_settings import FilterSettings

Trait = Callable[[FilterSettings], pl.Expr]  # true where a row has it, never null


def has(*traits: str) -> pl.Expr:
    """Return whether a row has one of `traits`."""
    return pl.any_horizontal(pl.col("traits").list.contains(trait) for trait in traits)
