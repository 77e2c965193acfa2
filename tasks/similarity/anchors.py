"""Find texts that may quote others: a scan for short runs of bytes, in numpy.

Letters and digits alone are looked at, folded and without blanks, so that case, width, marks and
line breaks hide nothing. Of each text that may be quoted some runs are taken as anchors. A quote of
enough of it holds one of them whole, wherever it begins. Anchors only nominate.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa  # type: ignore[import-untyped]

from tasks.similarity.lookup import I64, U64, Lookup

U8 = npt.NDArray[np.uint8]

# Bytes of an anchor. A long text is cut into anchors of 24: 47 bytes of it in a row, about ten
# English words or sixteen Han characters, hold one whole. A shorter text has one anchor, its
# beginning; under 8 bytes it has none.
LONG, MIDDLE, SHORT = 24, 16, 8
WHOLE = 2 * LONG - 1
_BASE = 0x9E3779B97F4A7C15  # any large odd number
_PART = 1 << 15  # bytes whose hashes are held at once: they stay in the cache
_MARKS = r"[^\p{L}\p{N}]+"


class Nominee(NamedTuple):
    """A text that may quote another."""

    row: int
    id: str


class Anchors:
    """The anchors of the texts that may be quoted."""

    def __init__(self, against: Mapping[str, str]) -> None:
        self._holders: defaultdict[int, defaultdict[int, set[str]]]
        self._holders = defaultdict(lambda: defaultdict(set))
        texts = pl.Series("text", list(against.values()), dtype=pl.String)
        for id_, text in zip(against, bare(texts), strict=True):
            width, keys = _anchors(np.frombuffer(text.encode(), np.uint8))
            for key in keys.tolist():
                self._holders[width][key].add(id_)
        self._lookups = {
            width: Lookup(np.array(list(held), np.uint64)) for width, held in self._holders.items()
        }

    def nominate(self, texts: pl.Series) -> list[Nominee]:
        """Return every text with each other that it may quote, in order."""
        whole, starts = _laid_out(bare(texts))
        found = set[Nominee]()
        for first in range(0, len(whole), _PART):
            hashes = _hashes(whole[first : first + _PART + LONG - 1])
            for width, lookup in self._lookups.items():
                places = first + lookup.places(hashes[width])
                rows = np.searchsorted(starts, places, side="right") - 1
                inside = places + width <= starts[rows + 1]
                keys = hashes[width][places - first]
                for row, key in zip(rows[inside].tolist(), keys[inside].tolist(), strict=True):
                    found.update(Nominee(row, id_) for id_ in self._holders[width][key])
        return sorted(found)


def bare(texts: pl.Series) -> pl.Series:
    """Return letters and digits alone, in one width and case."""
    odd = (texts.str.len_bytes() > texts.str.len_chars()).arg_true()  # ASCII is normal
    normal = texts.scatter(odd, texts.gather(odd).str.normalize("NFKC")) if len(odd) else texts
    return normal.str.to_lowercase().str.replace_all(_MARKS, "")


def _anchors(text: U8) -> tuple[int, U64]:
    """Return how wide the anchors of a text are, and their hashes."""
    hashes = _hashes(text)
    if len(text) >= WHOLE:
        return LONG, hashes[LONG][::LONG]
    width = next((width for width in (LONG, MIDDLE) if len(text) >= width), SHORT)
    return width, hashes[width][:1]


def _laid_out(texts: pl.Series) -> tuple[U8, I64]:
    """Return the bytes of all texts, one after the other, and where each begins, the end last."""
    array = texts.to_arrow().cast(pa.large_string())
    _, starts, data = array.buffers()
    ends = np.frombuffer(starts, np.int64)[array.offset : array.offset + len(array) + 1]
    whole = np.frombuffer(data or b"", np.uint8)[ends[0] : ends[-1]]
    return whole, ends - ends[0]


def _hashes(data: U8) -> dict[int, U64]:
    """Return a polynomial hash of every run of SHORT, MIDDLE and LONG bytes, by their number.

    That of a run is put together from those of its two parts.
    """
    one = (data.astype(np.uint64) + np.uint64(1)) * np.uint64(_BASE)
    two = _together(one, one, 1, 1)
    four = _together(two, two, 2, 2)
    short = _together(four, four, 4, 4)
    middle = _together(short, short, SHORT, SHORT)
    return {SHORT: short, MIDDLE: middle, LONG: _together(middle, short, MIDDLE, SHORT)}


def _together(head: U64, tail: U64, head_width: int, tail_width: int) -> U64:
    """Return the hashes of runs whose head and tail are hashed already."""
    count = max(0, len(tail) - head_width)
    power = np.uint64(pow(_BASE, tail_width, 1 << 64))
    return head[:count] * power + tail[head_width : head_width + count]
