"""Checks on whether the answer is there, and all of it."""

import polars as pl

from schemas.settings import CheckSettings
from tasks.visible import visible_chars

# OpenAI's values for a text that ends before its writer was done: the token limit, and a content
# filter that dropped what came next.
UNFINISHED = ("length", "content_filter")


def empty(cfg: CheckSettings) -> pl.Expr:
    """Find answers with fewer visible characters than `min_answer_chars`."""
    return visible_chars(pl.col("answer")) < cfg.min_answer_chars


def cut_off(cfg: CheckSettings) -> pl.Expr:
    """Find answers that the server stopped, which would teach to stop in mid-sentence."""
    return pl.col("finish_reason").is_in(UNFINISHED)
