"""Retry loops: a request, and the turns in which its user says that it still fails.

A loop teaches as a whole: the prompt that fails, the error, the words that mend it. So it is kept
or dropped whole.
"""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.rules.rule import hit
from tasks.rules.wanted import GOES_ON
from tasks.traits.trait import has

REQUEST = "request"  # a number that the turns of a loop share within their chat; others have none


def with_loops(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add the column REQUEST: null for turns that are in no retry loop.

    A later "continue" or "thanks" is no request, and no part of a loop.
    """
    retry = has("retry_loop")
    aside = GOES_ON & (pl.col("turn") > 0) & ~retry
    begun = (~retry & ~aside).cast(pl.Int32).cum_sum().over("chat_id", order_by="turn")
    numbered = prompts.with_columns(pl.when(~aside).then(begun).alias(REQUEST))
    looped = retry.any().over("chat_id", REQUEST)
    return numbered.with_columns(pl.when(looped).then(REQUEST).alias(REQUEST))


def in_loop() -> pl.Expr:
    """Return whether a turn is part of a retry loop: a retry, or the request it goes back to."""
    return pl.col(REQUEST).is_not_null()


def rest_of_loop(_: FilterSettings) -> pl.Expr:
    """Drop what is left of a retry loop when a turn of it is dropped; the value counts those."""
    gone = pl.col("drop_reason").is_not_null()
    dropped = gone.sum().over("chat_id", REQUEST)
    return hit(dropped, when=in_loop() & ~gone & (dropped > 0))
