"""Rules on how much text there is."""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.language import mostly_cjk
from tasks.rules.rule import hit
from tasks.token_estimate import estimated_tokens, most_tokens
from tasks.visible import visible_chars


def empty(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts without a visible character; the value is how many invisible ones they have."""
    return hit(_chars(), when=_visible_under(1) == 0)


def too_short(cfg: FilterSettings) -> pl.Expr:
    """Drop first turns under the minimum of their script, in visible characters.

    Later turns stay: "B" is a full reply to a question with choices.
    """
    most = max(cfg.min_chars, cfg.min_chars_cjk)
    seen = _visible_under(most)
    short = (pl.col("turn") == 0) & (seen < most)
    cjk = mostly_cjk(pl.when(short).then(pl.col("prompt").fill_null("")))
    least = pl.when(cjk).then(cfg.min_chars_cjk).otherwise(cfg.min_chars)
    return hit(seen, when=short & (seen < least))


def too_long(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts over `max_chars`: pasted files that the strong model would not read whole."""
    return hit(_chars(), when=_chars() > cfg.max_chars)


def too_many_tokens(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts over `max_tokens`, as estimated: a Chinese character weighs two English ones."""
    perhaps = most_tokens(pl.col("prompt")) > cfg.max_tokens
    tokens = estimated_tokens(pl.when(perhaps).then(pl.col("prompt")))
    return hit(tokens, when=tokens > cfg.max_tokens)


def _visible_under(limit: int) -> pl.Expr:
    """Count the visible characters of prompts that may have fewer than `limit`; null for others.

    Where the beginning has that many, the rest need not be read.
    """
    text = pl.col("prompt").fill_null("")
    few = visible_chars(text.str.head(4 * limit + 16)) < limit
    return pl.when(few).then(visible_chars(pl.when(few).then(text)))


def _chars() -> pl.Expr:
    return pl.col("prompt").fill_null("").str.len_chars()
