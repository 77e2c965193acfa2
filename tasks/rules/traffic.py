"""Rules on one prompt that is sent over and over: programs, not people.

First turns only: later ones say "why?" in every chat.
"""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.rules.keys import TEMPLATE
from tasks.rules.rule import hit, nth

_FIRST = pl.col("turn") == 0


def template_traffic(cfg: FilterSettings) -> pl.Expr:
    """Drop the same first turn over a cap per day; the value says which one it is."""
    count = nth(pl.col(TEMPLATE))
    return hit(count, when=_FIRST & (count > cfg.max_same_template))


def user_template_traffic(cfg: FilterSettings) -> pl.Expr:
    """Drop the same first turn of one user over a cap per day; nothing without a user_key."""
    count = nth(pl.col("user_key"), pl.col(TEMPLATE))
    known = _FIRST & pl.col("user_key").is_not_null()
    return hit(count, when=known & (count > cfg.max_same_template_per_user))
