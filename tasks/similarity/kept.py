"""The rows that stay so far, and which of them a new row is worth comparing with."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from heapq import nsmallest

import polars as pl

from tasks.similarity.alike import Alike, Proof
from tasks.similarity.normalise import comparable

# Candidates looked at per row. Measured at Jaccard .8 on 100k texts: recall .9978 with 4, .9993
# with 16, .9995 with 64 and without a cap.
CAP = 64


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

    def candidates(self, text: str, keys: Iterable[int]) -> list[str]:
        """Return the ids of at most CAP rows that share a key, most promising first.

        Copies lead, or a family of near texts could push them over the cap.
        """
        exact, folded = _forms(text)
        shared = Counter(row for key in keys for row in self._holders.get(key, ()))

        def rank(row: int) -> tuple[bool, bool, int, int]:
            its_exact, its_folded = self._forms[row]
            return exact != its_exact, folded != its_folded, -shared[row], row

        return [self._ids[row] for row in nsmallest(CAP, shared, key=rank)]


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
