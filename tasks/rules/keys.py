"""What two prompts must share to be the same: computed once, before the rules count.

Polars computes what stands inside a window function again for every window; as columns of the
frame the keys cost a fifth.
"""

import polars as pl

from tasks.similarity.normalise import width_keys
from tasks.traits.pattern import PROMPT

SAID = "said"  # equal for two texts that differ in width, case and outer white space
TEMPLATE = "template"  # equal for two first turns that differ in numbers and white space, too
_NOT_ASCII = r"[^\x00-\x7F]"
_BLANKS = r"(?:[^\S ]| \s)\s*"  # white space that is not one blank


def with_keys(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add the columns SAID and TEMPLATE: hashes, null where a prompt has no such key."""
    return prompts.with_columns(_said().alias(SAID), _template().alias(TEMPLATE))


def _said() -> pl.Expr:
    usual = pl.coalesce(width_keys(_not_ascii(PROMPT)), PROMPT.str.strip_chars())
    return usual.str.to_lowercase().hash()


def _template() -> pl.Expr:
    first = pl.when(pl.col("turn") == 0).then(PROMPT)
    folded = pl.coalesce(_not_ascii(first).str.normalize("NFKC"), first).str.to_lowercase()
    blanks = folded.str.replace_all(_BLANKS, " ").str.strip_chars()
    words = blanks.str.replace_all("[0-9]+", "0")
    return pl.when(words.is_not_null()).then(words.hash())


def _not_ascii(text: pl.Expr) -> pl.Expr:
    return pl.when(text.str.contains(_NOT_ASCII)).then(text)
