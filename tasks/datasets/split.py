"""Which split a row belongs to: by its user, else its chat, for ever."""

from hashlib import blake2b

import polars as pl


def split_of(key: str, validation_share: float) -> str:
    """Return `train` or `validation` for all rows of one user or chat.

    A hash decides, so no other row, day or run has a say; a larger share only adds to the
    validation split, never swaps.
    """
    place = int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) / 2**64
    return "validation" if place < validation_share else "train"


def splits(rows: pl.DataFrame, validation_share: float) -> pl.Series:
    """Return the split of each row by its `user_key`, else its `chat_id`."""
    keys = rows.select(pl.coalesce("user_key", "chat_id")).to_series().to_list()
    return pl.Series("split", [split_of(key, validation_share) for key in keys], dtype=pl.String)
