"""The versions of an answer: as answered, repaired, with a rewritten prompt."""

import polars as pl


def in_order(first: pl.DataFrame, again: pl.DataFrame) -> pl.DataFrame:
    """Return all versions of each answer side by side, in the order of the first."""
    places = first.select("answer_id").unique(maintain_order=True).with_row_index("place")
    both = pl.concat([first, again]).join(places, on="answer_id", maintain_order="left")
    return both.sort("place", "version").drop("place")
