"""Regular expressions over prompts in several languages.

Rust's engine has no look-around, and every `\\b` is the ASCII one. Patterns are in lower case and
read text in lower case, with straight apostrophes; `(?i)` and repeated Unicode classes make
automata that are too large for the engine's cache.
"""

from importlib.resources import files

import polars as pl

from schemas.patterns import any_of

PROMPT = pl.col("prompt").fill_null("")
PLAIN = pl.col("plain")  # of `with_plain`
# Two Latin or Korean words, or four of Kana, Han or Hangul: the text says something. Python's
# engine reads it, too.
WORDS = (
    "[A-Za-z\uac00-\ud7a3]{2,}[ ,.'’]{1,2}[A-Za-z\uac00-\ud7a3]{2,}"
    "|[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]{4}"
)


def with_plain(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add PLAIN: as an expression, Polars would compute it anew for most patterns."""
    lower = PROMPT.str.to_lowercase().str.replace_all("’", "'", literal=True)
    return prompts.with_columns(lower.alias("plain"))


def says(*patterns: str) -> pl.Expr:
    """Return whether a prompt matches any of `patterns`, whatever its case."""
    return PLAIN.str.contains(any_of(*patterns))


def times(*patterns: str) -> pl.Expr:
    """Return how often a prompt matches any of `patterns`, whatever its case."""
    return PLAIN.str.count_matches(any_of(*patterns))


def lines(name: str) -> list[str]:
    """Return the lines of a word list beside this file, without comments."""
    text = files("tasks.traits").joinpath(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if not line.startswith("#")]
