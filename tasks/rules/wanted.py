"""Rules on what this flywheel is for."""

import polars as pl

from schemas.settings import FilterSettings
from tasks.language import UNDETERMINED
from tasks.rules.rule import hit


def language_not_wanted(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts in a language outside `languages`; one that cannot be told is kept."""
    wanted = [*cfg.languages, UNDETERMINED]
    other = ~pl.col("language").fill_null(UNDETERMINED).is_in(wanted)
    return hit(pl.lit(1), when=other & pl.lit(bool(cfg.languages)))
