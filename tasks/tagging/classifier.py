"""The local tagger: learns from examples and tags, guesses, and knows how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from scipy.sparse import csr_matrix

from tasks.tagging.features import counts
from tasks.tagging.held_out import HeldOut
from tasks.tagging.lessons import Lesson
from tasks.tagging.linear import Linear, best, fit, fitted_temperature

FOLDS = 5


@dataclass(frozen=True, slots=True)
class Classifier:
    """A linear model, how hot its scores are, and what it made of held-out prompts.

    about  what it learned from: taxonomy_version, examples, tags
    """

    model: Linear
    temperature: float
    held_out: HeldOut
    about: dict[str, int]

    def guess(self, prompts: Sequence[str]) -> list[tuple[str, float]]:
        """Return the likeliest label of each prompt and the chance that it is right."""
        if not prompts:
            return []
        labels = self.model.labels
        columns, sure = best(self.model.scores(counts(prompts)), labels, self.temperature)
        return [(labels[n], float(chance)) for n, chance in zip(columns, sure, strict=True)]


def learn(lessons: Sequence[Lesson], taxonomy_version: int) -> Classifier:
    """Fit a classifier to lessons about different texts, whatever their order.

    Confidence and quality come from the lessons that are measured, a fifth of them at a time left
    out of what is learned.
    """
    ordered = sorted(lessons)
    seen = counts([lesson.prompt for lesson in ordered])
    model = fit(seen, [lesson.label for lesson in ordered])
    asked = np.flatnonzero([lesson.measured for lesson in ordered]).astype(int)
    scores = _left_out_scores(seen, ordered, model.labels)[asked]
    meant = [ordered[n].label for n in asked]
    place = {label: n for n, label in enumerate(model.labels)}
    temperature = fitted_temperature(scores, np.array([place[label] for label in meant]))
    columns, sure = best(scores, model.labels, temperature)
    held_out = HeldOut(tuple(model.labels[n] for n in columns), tuple(meant), sure)
    about = {
        "taxonomy_version": taxonomy_version,
        "examples": sum(not lesson.is_tag for lesson in ordered),
        "tags": sum(lesson.is_tag for lesson in ordered),
    }
    return Classifier(model, temperature, held_out, about)


def _left_out_scores(
    seen: csr_matrix, lessons: Sequence[Lesson], labels: Sequence[str]
) -> np.ndarray:
    """Return [lessons, labels]: what a model that has not seen a lesson makes of it."""
    folds = np.array([_fold(lesson) for lesson in lessons])
    names = np.array([lesson.label for lesson in lessons])
    place = {label: n for n, label in enumerate(labels)}
    lowest = -2.0  # of a label that the other folds lack
    scores = np.full((len(lessons), len(labels)), lowest, np.float32)
    for fold in sorted(set(folds) if len(set(folds)) > 1 else ()):
        rest = fit(seen[folds != fold], names[folds != fold])
        columns = [place[label] for label in rest.labels]
        scores[np.ix_(folds == fold, columns)] = rest.scores(seen[folds == fold])
    return scores


def _fold(lesson: Lesson) -> int:
    """Deal lessons out by their text, never by their place."""
    return blake2b(lesson.prompt.encode("utf-8", "replace"), digest_size=4).digest()[0] % FOLDS
