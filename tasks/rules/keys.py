"""What two prompts must share to be the same: computed once, before the rules count.

Polars computes what stands inside a window function again for every window; as columns of the
frame the keys cost a fifth.
"""

import polars as pl

from tasks.similarity.normalise import width_keys
from tasks.traits.pattern import PLAIN

SAID = "said"  # equal for two texts that differ in width, case and outer white space
TEMPLATE = "template"  # equal for two first turns that differ in digits and white space, too
_NOT_ASCII = r"[^\x00-\x7F]"
_BLANKS = r"(?:[^\S ]| \s)\s*"  # white space that is not one blank


def with_keys(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add the columns SAID and TEMPLATE: hashes, null where a prompt has no such key."""
    other = pl.when(PLAIN.str.contains(_NOT_ASCII)).then(PLAIN)
    said = pl.coalesce(width_keys(other), PLAIN.str.strip_chars())
    first = pl.when(pl.col("turn") == 0).then(pl.col(SAID))
    words = first.str.replace_all(_BLANKS, " ").str.replace_all("[0-9]+", "0")
    template = pl.when(words.is_not_null()).then(words.hash())
    keyed = prompts.with_columns(said.alias(SAID)).with_columns(template.alias(TEMPLATE))
    return keyed.with_columns(pl.col(SAID).hash())
