"""The labels of a prepared dataset, all rows at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

IGNORED = -100
_BLANKS = 8  # blank tokens at most that a template puts after its end of turn

Numbers = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Labels:
    """The tokens of all rows, one after another.

    ids, labels  [N] int32  of N tokens; labels are IGNORED where there is no loss
    starts       [R + 1] int  where each of R rows begins, and where the last one ends
    """

    ids: Numbers
    labels: Numbers
    starts: Numbers

    @classmethod
    def of(cls, rows: Any) -> "Labels":
        """Read a dataset with `input_ids` and `labels`."""
        ids, labels = (rows.data.column(name).combine_chunks() for name in ("input_ids", "labels"))
        starts = ids.offsets.to_numpy()
        return cls(ids.values.to_numpy(), labels.values.to_numpy(), starts)

    def __len__(self) -> int:
        return len(self.starts) - 1

    @property
    def is_label(self) -> Numbers:
        """Say for each token whether it carries loss."""
        is_label: Numbers = self.labels != IGNORED
        return is_label

    @property
    def counts(self) -> Numbers:
        """Count the labels of each row."""
        before = np.concatenate([[0], np.cumsum(self.is_label)])
        counts: Numbers = before[self.starts[1:]] - before[self.starts[:-1]]
        return counts


def last_words(rows: Labels, tokenizer: Any) -> Numbers:
    """Return the last label of each row that is no blank, such as ChatML's line break after it.

    A row whose last token carries no loss has IGNORED.
    """
    places = rows.starts[1:] - 1
    for _ in range(_BLANKS):
        found = rows.labels[places]
        blank = [one for one in np.unique(found) if one >= 0 and _is_blank(tokenizer, int(one))]
        places = places - (np.isin(found, blank) & (places > rows.starts[:-1]))
    last: Numbers = rows.labels[places]
    return last


def _is_blank(tokenizer: Any, token: int) -> bool:
    return not str(tokenizer.decode([token])).strip()
