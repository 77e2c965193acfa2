"""Regular expressions over prompts in several languages.

Rust's engine has no look-around, and its Unicode `\\b` sees Han and Hangul as word characters
and is slow beside them: every `\\b` here is the ASCII one. Patterns are in lower case and read
text in lower case, with straight apostrophes; `(?i)` and repeated Unicode classes make automata
that are too large for the engine's cache.
"""

import polars as pl

from tasks.language import CJK

PROMPT = pl.col("prompt").fill_null("")
PLAIN = PROMPT.str.to_lowercase().str.replace_all("’", "'", literal=True)
# Two Latin words or four CJK letters in a row: the text says something.
WORDS = rf"[A-Za-z]{{2,}}[ ,.'’]{{1,2}}[A-Za-z]{{2,}}|{CJK}{{4}}"


def any_of(*patterns: str) -> str:
    """Return one pattern that matches where any of `patterns` does."""
    return "|".join(f"(?:{pattern})" for pattern in patterns).replace(r"\b", r"(?-u:\b)")


def says(*patterns: str) -> pl.Expr:
    """Return whether a prompt matches any of `patterns`, whatever its case."""
    return PLAIN.str.contains(any_of(*patterns))


def times(*patterns: str) -> pl.Expr:
    """Return how often a prompt matches any of `patterns`, whatever its case."""
    return PLAIN.str.count_matches(any_of(*patterns))
