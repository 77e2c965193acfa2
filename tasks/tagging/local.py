"""The classifier that a run uses: the trained one, else one that knows the shipped examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.settings import FlywheelSettings
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.tagging import model_file
from tasks.tagging.classifier import Classifier, shipped


@dataclass(frozen=True, slots=True)
class Local:
    """A classifier under today's list of task types.

    threshold  confidence from which on it needs no strong model; None: never
    """

    classifier: Classifier
    types: TaskTypes
    threshold: float | None

    def guess(self, prompts: Sequence[str]) -> list[tuple[str, float]]:
        """Return a label and its confidence for each prompt; a label that is gone is unknown."""
        said = self.classifier.guess(prompts)
        labels = {label: self.types.resolve(label) for label in self.classifier.model.labels}
        return [(labels[label] or UNKNOWN, sure) for label, sure in said]

    def is_sure(self, label: str, confidence: float) -> bool:
        """Whether a guess is as good as asking."""
        return label != UNKNOWN and self.threshold is not None and confidence >= self.threshold

    def __str__(self) -> str:
        """Say what it learned from and how good it is."""
        figures, about = self.classifier.held_out.figures(), self.classifier.about
        learned = f"{about['tags']} tags" if about["examples"] else "the shipped examples"
        return (
            f"classifier of {learned}: macro-F1 on {figures['held_out']} held-out prompts "
            f"{figures['macro_f1_area']:.2f} for areas, {figures['macro_f1_kind']:.2f} for kinds"
        )


def folder_of(cfg: FlywheelSettings) -> Path:
    """Return where the trained classifier lies."""
    return cfg.var / "tagger"


def local_tagger(types: TaskTypes, cfg: FlywheelSettings) -> Local:
    """Return the trained classifier, or the one of the shipped examples.

    Raises:
        TaggerError: there is a trained one and it cannot be read.
    """
    classifier = model_file.load(folder_of(cfg)) or shipped(types)
    return Local(classifier, types, classifier.held_out.threshold(cfg.tag.precision))
