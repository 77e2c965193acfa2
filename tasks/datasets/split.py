"""Which split a row belongs to: by its user, else its chat, for ever."""

from collections.abc import Iterator
from hashlib import blake2b

import polars as pl

from schemas.release_settings import EXTRA, DatasetSettings


def split_of(key: str, validation_share: float) -> str:
    """Return `train` or `validation` for all rows of one user or chat.

    A hash decides, so no other row, day or run has a say; a larger share only adds to the
    validation split, never swaps.
    """
    place = int.from_bytes(blake2b(key.encode(), digest_size=8).digest()) / 2**64
    return "validation" if place < validation_share else "train"


def splits(rows: pl.DataFrame, cfg: DatasetSettings) -> pl.Series:
    """Return the split of each row by its `user_key`, else its `chat_id`.

    A task type or extra set may have a validation share of its own: with a larger one than another
    type, it holds out the users that the other holds out, and more.
    """
    extra = {f"{EXTRA}/{one.name}": one.validation_share for one in cfg.extra}
    own = {**cfg.validation_shares, **extra}
    found = [
        split_of(key, own.get(label, cfg.validation_share))
        for key, label in rows.select(
            pl.coalesce("user_key", "chat_id"), pl.format("{}/{}", "area", "kind")
        ).iter_rows()
    ]
    return pl.Series("split", found, dtype=pl.String)


def too_few_to_validate(rows: pl.DataFrame, minimum: int) -> Iterator[str]:
    """Yield a sentence that names the task types with less than `minimum` validation rows.

    Args:
        rows: `area`, `kind`, `split` of a dataset. Types that are not trained on are not named.
    """
    is_train = pl.col("split") == "train"
    counted = rows.group_by("area", "kind").agg(train=is_train.sum(), held=(~is_train).sum())
    few = counted.filter((pl.col("train") > 0) & (pl.col("held") < minimum)).sort("area", "kind")
    if few.height:
        named = ", ".join(f"{row['area']}/{row['kind']} {row['held']}" for row in few.to_dicts())
        yield (
            f"too few validation rows (dataset.min_validation_rows = {minimum}): {named}. Their "
            "validation loss says little; more users, or a larger share for them in "
            "dataset.validation_shares, give more."
        )
