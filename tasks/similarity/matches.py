"""Find a twin of each text among other texts: eval prompts, or rows of the validation split."""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.anchors import bare
from tasks.similarity.candidates import Candidates
from tasks.similarity.normalise import comparable
from tasks.similarity.verify import are_twins, digits

# what a text may begin or end with
_OUTER = " .,!?;:'\"()[]…。，！？；：、（）「」『』《》〈〉【】“”„‘’«»~～"


class Match(NamedTuple):
    """One text that says the same."""

    id: str
    jaccard: float


Proof = Callable[[str, str], float | None]


class Matches:
    """Texts that others are compared with, made ready once, by what they say and by band key.

    A text matches one that is its twin, and also one that differs only in case, width, outer
    punctuation and white space: a training row too few costs less than a leak.

    Args:
        against: id -> text.
        cfg: its threshold nominates, and says what twins are.
        proof: says so instead, of texts with the same digits.
        same: what two texts share that match whatever `proof` says; letters and digits, at least.
    """

    def __init__(
        self,
        against: Mapping[str, str],
        cfg: DedupeSettings,
        proof: Proof | None = None,
        same: Callable[[str], Hashable] | None = None,
    ) -> None:
        self._proof = proof or partial(are_twins, cfg=cfg)
        self._ids, self._texts = list(against), list(against.values())
        self._bare = frozenset(_bare(self._texts))
        self._candidates = Candidates(self._texts, cfg)
        self._same, self._equal = same or said, dict[Hashable, str]()
        for id_, text in against.items():
            self._equal.setdefault(self._same(text), id_)

    def find(self, texts: Sequence[str]) -> list[Match | None]:
        """Return for each text the first that says the same; equal texts are looked at once."""
        if not self._texts:
            return [None] * len(texts)
        distinct = list(dict.fromkeys(texts))
        found = dict(zip(distinct, self._find(distinct), strict=True))
        return [found[text] for text in texts]

    def _find(self, texts: list[str]) -> Iterator[Match | None]:
        candidates = self._candidates.of(texts)
        for row, (text, bare_text) in enumerate(zip(texts, _bare(texts), strict=True)):
            may_be_equal = bare_text in self._bare or not text.isascii()
            equal = self._equal.get(self._same(text)) if may_be_equal else None
            yield Match(equal, 1.0) if equal else self._twin(text, candidates.get(row, ()))

    def _twin(self, text: str, candidates: Sequence[int]) -> Match | None:
        for number in candidates:
            similarity = self._proof(text, self._texts[number])
            if similarity is not None:
                return Match(self._ids[number], similarity)
        return None


def _bare(texts: list[str]) -> list[str]:
    return bare(pl.Series("text", texts, dtype=pl.String)).to_list()


def said(text: str) -> tuple[str, str]:
    """Return what two texts share that differ in case, width and outer marks at most.

    The digits count as they stand: 3² is not 32.
    """
    folded = comparable(text)
    return folded.strip(_OUTER) or folded, digits(text)
