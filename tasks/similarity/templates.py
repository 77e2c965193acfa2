"""Mark each row that says what a kept row says, and each that only follows the same template."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.alike import Alike, Proof
from tasks.similarity.compiled import pays_off
from tasks.similarity.greedy import CAP, Kept, both, by_id, first_twin

MARKS = {
    "id": pl.String,
    "duplicate_of": pl.String,
    "template_of": pl.String,
    "jaccard": pl.Float64,
    "over_cap": pl.Boolean,
}


class Followers(NamedTuple):
    """How many kept rows follow each template, and how many may, the template included."""

    counts: dict[str, int]
    most: int


def mark_followers(
    rows: pl.DataFrame,
    keys: npt.NDArray[np.uint64],
    history: pl.DataFrame,
    followers: Followers,
    same: Alike,
    cfg: DedupeSettings,
) -> pl.DataFrame:
    """Return `id`, `duplicate_of`, `template_of`, `jaccard` and `over_cap` of each row.

    In order, each row is asked: is it the `same` as a kept row, then it is its duplicate. Is its
    first field a twin of that of a kept row that follows no other, then it follows that one. A
    template and its followers are at most so many; one too many is not kept, so nothing is its
    duplicate.

    Args:
        rows: `id` and the columns of `same`, in the order that decides which of them stay.
        keys: [N, bands] from `band_keys`; rows of different salts share none, so never meet.
        history: `key`, `id`, these columns and `template_of` of earlier kept rows, a row per
            band key.
        followers: how many kept rows of the history follow each template, and how many may.
        same: what makes a row a duplicate.
        cfg: what `are_twins` asks for.
    """
    history = history.filter(~pl.col("id").is_in(rows["id"].implode()))
    if pays_off(rows.height):
        from tasks.similarity.marking import marked_followers  # noqa: PLC0415  it needs numba

        return marked_followers(rows, keys, history, followers, same, cfg)
    return _one_by_one(rows, keys, history, followers, same, cfg)


def _one_by_one(
    rows: pl.DataFrame,
    keys: npt.NDArray[np.uint64],
    history: pl.DataFrame,
    followers: Followers,
    same: Alike,
    cfg: DedupeSettings,
) -> pl.DataFrame:
    """Do as `mark_followers` says, in Python."""
    text, known = same.fields[0], both(rows, history, same)
    proof, alike = same.proof(known, cfg), same.first_field().proof(known, cfg)
    kept, templates = Kept(), _Templates(followers, alike)
    for id_, its_keys, its_text in by_id(history, text):
        kept.add(id_, its_text, its_keys)
    for id_, its_keys, its_text in by_id(history.filter(pl.col("template_of").is_null()), text):
        templates.add(id_, its_text, its_keys)
    marks = []
    for (id_, its_text), its_keys in zip(
        rows.select("id", text).iter_rows(), keys.tolist(), strict=True
    ):
        keeper, similarity = first_twin(id_, kept.candidates(its_text, its_keys, CAP), proof)
        template, over = None, False
        if keeper is None:
            template, similarity, over = templates.follow(id_, its_text, its_keys)
        if keeper is None and not over:
            kept.add(id_, its_text, its_keys)
        marks.append((id_, keeper, template, similarity, over))
    return pl.DataFrame(marks, MARKS, orient="row")


class _Templates:
    """Kept rows that follow no other, and how many rows follow each."""

    def __init__(self, followers: Followers, alike: Proof) -> None:
        self._originals, self._followers = Kept(), Counter(followers.counts)
        self._alike, self._cap = alike, followers.most

    def add(self, id_: str, text: str, keys: list[int]) -> None:
        """Take a row in as the youngest."""
        self._originals.add(id_, text, keys)

    def follow(self, id_: str, text: str, keys: list[int]) -> tuple[str | None, float | None, bool]:
        """Return the template of a row, the likeness, and whether the row is one too many."""
        candidates = self._originals.candidates(text, keys, CAP)
        template, similarity = first_twin(id_, candidates, self._alike)
        if template is None:
            self.add(id_, text, keys)
            return None, None, False
        over = self._followers[template] + 1 >= self._cap
        self._followers[template] += not over
        return template, similarity, over
