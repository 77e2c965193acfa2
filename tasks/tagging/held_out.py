"""How good a classifier is on prompts that it has not learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.metrics import f1_score

from schemas.task_types import UNKNOWN

MIN_SURE = 50  # held-out prompts over a threshold below which its precision is chance


@dataclass(frozen=True, slots=True)
class HeldOut:
    """What the classifier made of each held-out prompt.

    guessed, meant  labels
    confidence      0 to 1
    """

    guessed: tuple[str, ...]
    meant: tuple[str, ...]
    confidence: np.ndarray

    def threshold(self, precision: float) -> float | None:
        """Return the lowest confidence from which on that share of guesses is right.

        None where no confidence gives it, or too few prompts have one to tell. A guess that
        nothing fits spares no call, so it does not count.
        """
        order = np.argsort(-self.confidence, kind="stable")
        order = order[[self.guessed[n] != UNKNOWN for n in order]]
        right = np.cumsum([self.guessed[n] == self.meant[n] for n in order])
        enough = right >= precision * np.arange(1, len(order) + 1)
        enough[: MIN_SURE - 1] = False
        return float(self.confidence[order[np.flatnonzero(enough)[-1]]]) if enough.any() else None

    def spared(self, precision: float) -> float:
        """Return the share of prompts that need no strong model at that precision."""
        threshold = self.threshold(precision)
        if threshold is None:
            return 0.0
        known = np.array([guess != UNKNOWN for guess in self.guessed])
        return float((known & (self.confidence >= threshold)).mean())

    def figures(self) -> dict[str, float]:
        """Return how good it is; see `figures` below."""
        return figures(self.meant, self.guessed)


def figures(meant: Sequence[str], guessed: Sequence[str]) -> dict[str, float]:
    """Return accuracy and macro-F1 over the labels that were meant, for areas and for kinds."""
    areas = [[label.partition("/")[0] for label in each] for each in (meant, guessed)]
    return {
        "held_out": len(meant),
        "accuracy_area": accuracy(*areas),
        "accuracy_kind": accuracy(meant, guessed),
        "macro_f1_area": macro_f1(*areas),
        "macro_f1_kind": macro_f1(meant, guessed),
    }


def accuracy(meant: Sequence[str], guessed: Sequence[str]) -> float:
    """Return the share of labels that are right."""
    return sum(a == b for a, b in zip(meant, guessed, strict=True)) / max(1, len(meant))


def macro_f1(meant: Sequence[str], guessed: Sequence[str]) -> float:
    """Return the mean F1 over the labels that were meant at least once."""
    labels = sorted(set(meant))
    if not labels:
        return 0.0
    return float(f1_score(meant, guessed, labels=labels, average="macro", zero_division=0.0))
