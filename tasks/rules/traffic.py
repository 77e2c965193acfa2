"""Rules on one prompt that is sent over and over: programs, not people."""

import polars as pl

from schemas.settings import FilterSettings
from tasks.rules.rule import hit, nth
from tasks.traits.pattern import PROMPT


def template_traffic(cfg: FilterSettings) -> pl.Expr:
    """Drop the same first turn over a cap per day; the value says which one it is."""
    return _over(cfg.max_same_template, _template())


def user_template_traffic(cfg: FilterSettings) -> pl.Expr:
    """Drop the same first turn of one user over a cap per day. Without a user_key nothing fires."""
    fires = _over(cfg.max_same_template_per_user, pl.col("user_key"), _template())
    return pl.when(pl.col("user_key").is_not_null()).then(fires)


def _over(cap: int, *same: pl.Expr) -> pl.Expr:
    """Fire from the first one over the cap; later turns say "why?" in every chat and are exempt."""
    count = nth(*same, pl.col("turn") == 0)
    return hit(count, when=(pl.col("turn") == 0) & (count > cap))


def _template() -> pl.Expr:
    """Fold case, width, white space and every number."""
    text = PROMPT.str.normalize("NFKC").str.to_lowercase()
    return text.str.replace_all(r"\d+", "0").str.replace_all(r"\s+", " ").str.strip_chars().hash()
