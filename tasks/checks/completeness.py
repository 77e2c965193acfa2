"""Checks on whether the answer is there, and all of it."""

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import says
from tasks.visible import visible_chars

# OpenAI's values for a text that ends before its writer was done: the token limit, and a content
# filter that dropped what came next.
UNFINISHED = ("length", "content_filter")
FENCE = r"(?m)^[ \t]*(?:```|~~~)"


@says("the answer is empty")
def empty(cfg: CheckSettings) -> pl.Expr:
    """Find answers with fewer visible characters than `min_answer_chars`."""
    return visible_chars(pl.col("answer")) < cfg.min_answer_chars


@says("the answer was cut off before its end")
def cut_off(cfg: CheckSettings) -> pl.Expr:
    """Find answers that the server stopped, which would teach to stop in mid-sentence."""
    return pl.col("finish_reason").is_in(UNFINISHED)


@says("a code block is never closed")
def unclosed(cfg: CheckSettings) -> pl.Expr:
    """Find answers with a code fence that opens and does not end, whatever the server says."""
    return pl.col("answer").str.count_matches(FENCE) % 2 == 1
