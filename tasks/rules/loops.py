"""Retry loops: a request, and the turns in which its user says that it still fails.

A loop teaches as a whole: the prompt that fails, the error, the words that mend it. So it is kept
or dropped whole.
"""

import polars as pl

from schemas.settings import FilterSettings
from tasks.rules.rule import hit
from tasks.traits.trait import has

RETRY = "retry_loop"


def rest_of_loop(_: FilterSettings) -> pl.Expr:
    """Drop what is left of a retry loop when a turn of it is dropped; the value counts those."""
    gone = pl.col("drop_reason").is_not_null()
    dropped = gone.sum().over("chat_id", request_number())
    return hit(dropped, when=in_loop() & ~gone & (dropped > 0))


def request_number() -> pl.Expr:
    """Return a number that the turns of one loop share within their chat, and no others have."""
    new = ~has(RETRY)
    return new.cast(pl.Int32).cum_sum().over("chat_id", order_by="turn")


def in_loop() -> pl.Expr:
    """Return whether a turn is part of a retry loop: a retry, or the request it goes back to."""
    return has(RETRY).any().over("chat_id", request_number())
