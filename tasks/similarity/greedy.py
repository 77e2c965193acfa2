"""Mark each row that says what an earlier kept row says: greedy, first seen stays."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.alike import Alike, Proof
from tasks.similarity.compiled import pays_off
from tasks.similarity.normalise import comparable

# Candidates looked at per row. Measured at Jaccard .8 on 100k texts: recall .9978 with 4, .9993
# with 16, .9995 with 64 and without a cap.
CAP = 64

MARKS = {"id": pl.String, "duplicate_of": pl.String, "jaccard": pl.Float64}

TEXT = Alike(("text",))


def mark_twins(
    rows: pl.DataFrame,
    keys: npt.NDArray[np.uint64],
    history: pl.DataFrame,
    cfg: DedupeSettings,
    *,
    cap: int = CAP,
    twin: Alike | Proof = TEXT,
) -> pl.DataFrame:
    """Return `id`, `duplicate_of` and `jaccard` of each row, null for the rows that stay.

    Each row is compared with earlier kept rows that share a band key: copies first, then by
    number of shared keys, then by age. The first one that is proven a twin is its
    `duplicate_of`. There are no chains: a row that is like dropped rows only, stays. One batch
    or several give the same marks, when the kept rows of earlier batches are the history.

    Args:
        rows: `id` and the columns of `twin`, in the order that decides who came first.
        keys: [N, bands] from `band_keys`; rows of different salts share none, so never meet.
        history: `key`, `id` and these columns of earlier kept rows, a row per band key, ids in
            the order in which they came; keys that no new row has may be left out, and ids in
            `rows` are.
        cfg: what `are_twins` asks for.
        cap: candidates looked at per row.
        twin: the columns that must be twins, or a function that tells, which is slower; either
            way `text`, or the first of the columns, says who is a copy.
    """
    history = history.filter(~pl.col("id").is_in(rows["id"].implode()))
    if isinstance(twin, Alike) and pays_off(rows.height):
        from tasks.similarity.marking import marked_twins  # noqa: PLC0415  it needs numba

        return marked_twins(rows, keys, history, twin, cfg, cap)
    return _one_by_one(rows, keys, history, twin, cfg, cap)


def _one_by_one(
    rows: pl.DataFrame,
    keys: npt.NDArray[np.uint64],
    history: pl.DataFrame,
    twin: Alike | Proof,
    cfg: DedupeSettings,
    cap: int,
) -> pl.DataFrame:
    """Do as `mark_twins` says, in Python."""
    alike = twin if isinstance(twin, Alike) else TEXT
    text = alike.fields[0]
    proof = alike.proof(both(rows, history, alike), cfg) if isinstance(twin, Alike) else twin
    kept, marks = Kept(), []
    for id_, its_keys, its_text in by_id(history, text):
        kept.add(id_, its_text, its_keys)
    for (id_, its_text), its_keys in zip(
        rows.select("id", text).iter_rows(), keys.tolist(), strict=True
    ):
        candidates = kept.candidates(its_text, its_keys, cap)
        keeper, similarity = first_twin(id_, candidates, proof)
        if keeper is None:
            kept.add(id_, its_text, its_keys)
        marks.append((id_, keeper, similarity))
    return pl.DataFrame(marks, MARKS, orient="row")


class Kept:
    """The rows that stay, in order, and which of them hold each band key."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._forms: list[tuple[str, str]] = []
        self._holders: defaultdict[int, list[int]] = defaultdict(list)

    def add(self, id_: str, text: str, keys: Iterable[int]) -> None:
        """Take a row in as the youngest."""
        for key in keys:
            self._holders[key].append(len(self._ids))
        self._ids.append(id_)
        self._forms.append(_forms(text))

    def candidates(self, text: str, keys: Iterable[int], cap: int) -> list[str]:
        """Return the ids of at most `cap` rows that share a key, most promising first.

        Copies lead, or a family of near texts could push them over the cap.
        """
        exact, folded = _forms(text)
        shared = Counter(row for key in keys for row in self._holders.get(key, ()))

        def rank(row: int) -> tuple[bool, bool, int, int]:
            its_exact, its_folded = self._forms[row]
            return exact != its_exact, folded != its_folded, -shared[row], row

        return [self._ids[row] for row in nsmallest(cap, shared, key=rank)]


def _forms(text: str) -> tuple[str, str]:
    return text.strip(), comparable(text)


def by_id(history: pl.DataFrame, text: str) -> Iterable[tuple[str, list[int], str]]:
    """Return each id once with its keys and text, in order of first appearance."""
    grouped = history.group_by("id", maintain_order=True)
    return grouped.agg(pl.col("key"), pl.col(text).first()).iter_rows()


def both(rows: pl.DataFrame, history: pl.DataFrame, alike: Alike) -> pl.DataFrame:
    """Return `id` and the columns that are compared of every row, those of the history first."""
    known = history.unique("id", keep="first", maintain_order=True)
    return pl.concat([known.select("id", *alike.columns), rows.select("id", *alike.columns)])


def first_twin(id_: str, candidates: list[str], proof: Proof) -> tuple[str | None, float | None]:
    """Return the first candidate that is proven a twin, with its Jaccard similarity."""
    for candidate in candidates:
        similarity = proof(id_, candidate)
        if similarity is not None:
            return candidate, similarity
    return None, None
