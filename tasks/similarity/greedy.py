"""Mark each row that says what an earlier kept row says: greedy, first seen stays."""

from collections import Counter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.alike import Alike, Proof
from tasks.similarity.compiled import pays_off
from tasks.similarity.kept import Kept, both, by_id, first_twin

MARKS = {
    "id": pl.String,
    "duplicate_of": pl.String,
    "template_of": pl.String,
    "jaccard": pl.Float64,
    "over_cap": pl.Boolean,
}


class Compared(NamedTuple):
    """New rows, and the kept rows before them that they are compared with.

    rows     `id` and the columns that are compared, in the order that decides who came first
    keys     [N, bands] from `band_keys`; rows of different salts share none, so never meet
    history  `key`, `id`, the same columns and, where rows follow templates, `template_of` of
             earlier kept rows: a row per band key, ids in the order in which they came. Keys that
             no new row has may be left out, and ids in `rows` are.
    """

    rows: pl.DataFrame
    keys: npt.NDArray[np.uint64]
    history: pl.DataFrame


class Followers(NamedTuple):
    """How many kept rows follow each template, and how many may, the template included."""

    counts: dict[str, int]
    most: int


NOBODY = Followers({}, 0)  # rows follow no template


def mark_repeats(
    given: Compared, same: Alike, cfg: DedupeSettings, followers: Followers = NOBODY
) -> pl.DataFrame:
    """Return `id`, `duplicate_of`, `template_of`, `jaccard` and `over_cap` of each new row.

    Each row is compared with earlier kept rows that share a band key: copies first, then by
    number of shared keys, then by age. The first one that is the `same` is its `duplicate_of`.
    Else the first one that follows no other and is near in the first field is its `template_of`.
    A template and its followers are at most `followers.most`: one too many is not kept. There are
    no chains: a row that is like dropped rows only, stays. One batch or several give the same
    marks, when the kept rows of earlier batches are the history.

    Args:
        given: the rows.
        same: what makes a row a duplicate.
        cfg: what `are_twins` asks for.
        followers: how many kept rows of the history follow each template, and how many may.
    """
    known = pl.col("id").is_in(given.rows["id"].implode())
    given = given._replace(history=given.history.filter(~known))
    if pays_off(given.rows.height):
        from tasks.similarity.marking import marked  # noqa: PLC0415  it needs numba

        return marked(given, same, cfg, followers)
    return _one_by_one(given, same, cfg, followers)


def _one_by_one(
    given: Compared, same: Alike, cfg: DedupeSettings, followers: Followers
) -> pl.DataFrame:
    """Do as `mark_repeats` says, in Python."""
    text, known = same.fields[0], both(given.rows, given.history, same)
    proof, kept, marks = same.proof(known, cfg), Kept(), []
    for id_, its_keys, its_text in by_id(given.history, text):
        kept.add(id_, its_text, its_keys)
    templates = _Templates(given.history, same.proof_of_template(known, cfg), followers, text)
    for (id_, its_text), its_keys in zip(
        given.rows.select("id", text).iter_rows(), given.keys.tolist(), strict=True
    ):
        keeper, similarity = first_twin(id_, kept.candidates(its_text, its_keys), proof)
        template, over = None, False
        if keeper is None and followers.most:
            template, similarity, over = templates.follow(id_, its_text, its_keys)
        if keeper is None and not over:
            kept.add(id_, its_text, its_keys)
        marks.append((id_, keeper, template, similarity, over))
    return pl.DataFrame(marks, MARKS, orient="row")


class _Templates:
    """Kept rows that follow no other, and how many rows follow each."""

    def __init__(
        self, history: pl.DataFrame, alike: Proof, followers: Followers, text: str
    ) -> None:
        self._originals, self._followers = Kept(), Counter(followers.counts)
        self._alike, self._most = alike, followers.most
        if followers.most:
            originals = history.filter(pl.col("template_of").is_null())
            for id_, its_keys, its_text in by_id(originals, text):
                self._originals.add(id_, its_text, its_keys)

    def follow(self, id_: str, text: str, keys: list[int]) -> tuple[str | None, float | None, bool]:
        """Return the template of a row, the likeness, and whether the row is one too many."""
        candidates = self._originals.candidates(text, keys)
        template, similarity = first_twin(id_, candidates, self._alike)
        if template is None:
            self._originals.add(id_, text, keys)
            return None, None, False
        over = self._followers[template] + 1 >= self._most
        self._followers[template] += not over
        return template, similarity, over
