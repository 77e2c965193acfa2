"""Which of many texts another may repeat, by band keys, digits and sketches; in numpy."""

from collections.abc import Iterator, Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

from schemas.settings import DedupeSettings
from tasks.similarity.bands import U64, band_keys, choose_bands
from tasks.similarity.kept import CAP
from tasks.similarity.normalise import width_key
from tasks.similarity.shingles import I64, U32
from tasks.similarity.signatures import NUM_PERM, signatures
from tasks.similarity.verify import digits

_ERRORS = 4  # standard errors of an estimate below the threshold: one in 30,000 is farther off
_PAIRS = 1 << 15  # that are looked at together: 40 MB


class Candidates:
    """Texts that others may repeat, made ready once.

    Args:
        texts: they are named by their place.
        cfg: its threshold and recall nominate.
    """

    def __init__(self, texts: Sequence[str], cfg: DedupeSettings) -> None:
        self._bands = choose_bands(cfg.threshold, cfg.recall)
        error = sqrt(cfg.threshold * (1 - cfg.threshold) / NUM_PERM)
        self._least = NUM_PERM * (cfg.threshold - _ERRORS * error)
        self._sketches = signatures(texts)
        self._told = {told: n for n, told in enumerate(dict.fromkeys(map(_digits, texts)))}
        self._digits = np.array([self._told[_digits(text)] for text in texts], np.int64)
        keys = self._keys(self._sketches).ravel()
        by_key = np.argsort(keys, kind="stable")
        self._holders = by_key // self._bands[0]
        self._held, self._starts, self._counts = np.unique(
            keys[by_key], return_index=True, return_counts=True
        )

    def of(self, texts: Sequence[str]) -> dict[int, list[int]]:
        """Return, by place, those with the digits of each text that may be near, nearest first.

        At most CAP of each; texts that have none are left out.
        """
        found: dict[int, list[int]] = {}
        sketches = signatures(texts)
        rows, places = self._met(self._keys(sketches))
        told = np.full(len(texts), -1, np.int64)
        for row in np.unique(rows).tolist():
            told[row] = self._told.get(_digits(texts[row]), -1)
        known = told[rows] >= 0
        rows, places = rows[known], places[known]
        for part in _parts(rows, self._counts[places]):
            met, others = self._pairs(rows[part], places[part], told)
            for row, other in zip(*self._nearest(met, others, sketches), strict=True):
                nearest = found.setdefault(row, [])
                if len(nearest) < CAP:
                    nearest.append(other)
        return found

    def _met(self, keys: U64) -> tuple[I64, I64]:
        """Return the row and the place among those held of each key, [N, bands], that is held."""
        places = np.searchsorted(self._held, keys)
        among = self._held[np.minimum(places, len(self._held) - 1)] == keys
        return np.nonzero(among)[0], places[among]

    def _pairs(self, rows: I64, places: I64, told: I64) -> tuple[I64, I64]:
        """Return each row with each holder of its keys that has its digits, once."""
        counts = self._counts[places]
        steps = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        others = self._holders[np.repeat(self._starts[places], counts) + steps]
        rows = np.repeat(rows, counts)
        same = self._digits[others] == told[rows]
        pairs = np.sort(rows[same] * len(self._sketches) + others[same])
        pairs = pairs[np.diff(pairs, prepend=-1) != 0]  # `np.unique` takes much longer
        return pairs // len(self._sketches), pairs % len(self._sketches)

    def _nearest(self, rows: I64, others: I64, sketches: U32) -> tuple[list[int], list[int]]:
        """Leave out pairs whose sketches differ too much; return the others, nearest first."""
        equal = (self._sketches[others] == sketches[rows]).sum(axis=1)
        near = equal >= self._least
        rows, others = rows[near], others[near]
        order = np.lexsort((others, -equal[near], rows))
        return rows[order].tolist(), others[order].tolist()

    def _keys(self, sketches: U32) -> U64:
        return band_keys(sketches, *self._bands, "matches")


def _parts(rows: I64, counts: npt.NDArray[np.int64]) -> Iterator[slice]:
    """Yield slices of whole rows that have about _PAIRS pairs together."""
    if not len(rows):
        return
    part = (np.cumsum(counts) - counts) // _PAIRS
    begins = np.flatnonzero(np.diff(rows, prepend=-1))  # of each row
    firsts = begins[np.flatnonzero(np.diff(part[begins], prepend=-1))].tolist()
    yield from map(slice, firsts, [*firsts[1:], len(rows)])


def _digits(text: str) -> str:
    """Return the digits that twins share: no others take the place of a twin among candidates."""
    return digits(width_key(text))
