"""Find a twin of each text among other texts: eval prompts, or rows of the validation split."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.anchors import bare
from tasks.similarity.bands import U64, band_keys, choose_bands
from tasks.similarity.normalise import comparable, width_key
from tasks.similarity.shingles import U32
from tasks.similarity.signatures import NUM_PERM, signatures
from tasks.similarity.verify import are_twins, digits

CAP = 64  # candidates looked at per text, as in greedy.py; all have its digits
_ERRORS = 4  # standard errors of an estimate below the threshold: one in 30,000 is farther off
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
    """

    def __init__(
        self, against: Mapping[str, str], cfg: DedupeSettings, proof: Proof | None = None
    ) -> None:
        self._cfg, self._proof = cfg, proof or partial(are_twins, cfg=cfg)
        self._ids, self._texts = list(against), list(against.values())
        self._bare = frozenset(_bare(self._texts))
        self._equal: dict[tuple[str, str], str] = {}
        self._digits = [_digits(text) for text in self._texts]
        self._sketches = signatures(self._texts)
        self._holders: defaultdict[int, list[int]] = defaultdict(list)
        for number, keys in enumerate(self._keys(self._sketches).tolist()):
            self._equal.setdefault(said(self._texts[number]), self._ids[number])
            for key in keys:
                self._holders[key].append(number)
        self._held = np.array(sorted(self._holders), np.uint64)
        self._least = cfg.threshold - _ERRORS * sqrt(cfg.threshold * (1 - cfg.threshold) / NUM_PERM)

    def find(self, texts: Sequence[str]) -> list[Match | None]:
        """Return for each text the first that says the same; equal texts are looked at once."""
        if not self._texts:
            return [None] * len(texts)
        distinct = list(dict.fromkeys(texts))
        found = dict(zip(distinct, self._find(distinct), strict=True))
        return [found[text] for text in texts]

    def _find(self, texts: list[str]) -> Iterator[Match | None]:
        sketches = signatures(texts)
        keys = self._keys(sketches)
        held = _are_among(keys, self._held)
        for row, (text, bare_text) in enumerate(zip(texts, _bare(texts), strict=True)):
            may_be_equal = bare_text in self._bare or not text.isascii()
            equal = self._equal.get(said(text)) if may_be_equal else None
            shared = keys[row][held[row]].tolist()
            yield Match(equal, 1.0) if equal else self._twin(text, sketches[row], shared)

    def _twin(self, text: str, sketch: U32, keys: list[int]) -> Match | None:
        for number in self._candidates(text, sketch, keys):
            similarity = self._proof(text, self._texts[number])
            if similarity is not None:
                return Match(self._ids[number], similarity)
        return None

    def _candidates(self, text: str, sketch: U32, keys: list[int]) -> list[int]:
        """Return those with the same digits that may be near enough, the nearest first."""
        sharing = sorted({number for key in keys for number in self._holders[key]})
        if not sharing:
            return []
        estimates = (self._sketches[sharing] == sketch).mean(axis=1)
        ranked = np.argsort(-estimates, kind="stable")[: int((estimates >= self._least).sum())]
        near, told = [sharing[at] for at in ranked.tolist()], _digits(text)
        return [number for number in near if self._digits[number] == told][:CAP]

    def _keys(self, sketches: U32) -> U64:
        bands, rows = choose_bands(self._cfg.threshold, self._cfg.recall)
        return band_keys(sketches, bands, rows, "matches")


def _are_among(keys: U64, held: U64) -> npt.NDArray[np.bool_]:
    """Return which keys, [N, bands], are in `held`, which is in order and not empty."""
    places = np.searchsorted(held, keys)
    among: npt.NDArray[np.bool_] = held[np.minimum(places, len(held) - 1)] == keys
    return among


def _bare(texts: list[str]) -> list[str]:
    return bare(pl.Series("text", texts, dtype=pl.String)).to_list()


def _digits(text: str) -> str:
    """Return the digits that twins share: no others take the place of a twin among candidates."""
    return digits(width_key(text))


def said(text: str) -> tuple[str, str]:
    """Return what two texts share that differ in case, width and outer marks at most.

    The digits count as they stand: 3² is not 32.
    """
    folded = comparable(text)
    return folded.strip(_OUTER) or folded, digits(text)
