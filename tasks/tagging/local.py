"""The classifier that a run uses: the trained one, else one that knows the shipped examples."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.settings import FlywheelSettings
from schemas.task_types import TaskTypes
from tasks.tagging import model_file
from tasks.tagging.classifier import Classifier
from tasks.tagging.shipped import shipped
from tasks.tagging.tag import Tag, nobody


@dataclass(frozen=True, slots=True)
class Local:
    """A classifier under today's list of task types.

    threshold  confidence from which on it needs no strong model; None: never
    """

    classifier: Classifier
    types: TaskTypes
    threshold: float | None

    def guess(self, prompts: Sequence[str]) -> list[Tag]:
        """Return the likeliest tag of each prompt; a label that is gone is unknown."""
        labels = {label: self.types.resolve(label) for label in self.classifier.model.labels}
        return [
            Tag(label, "classifier", sure) if (label := labels[said]) else nobody()
            for said, sure in self.classifier.guess(prompts)
        ]

    def is_sure(self, guess: Tag) -> bool:
        """Whether a guess is as good as asking."""
        sure = self.threshold is not None and guess.confidence >= self.threshold
        return sure and guess.tagger == "classifier"


def asks_model(cfg: FlywheelSettings) -> bool:
    """Whether the strong model is asked about what keywords and classifier leave."""
    return cfg.llm.is_set and cfg.tag.use_model


def local_tagger(types: TaskTypes, cfg: FlywheelSettings) -> Local | None:
    """Return the trained classifier, else the one of the shipped examples.

    Where a strong model is asked, only a trained one is of use, and None comes in its place:
    how sure a classifier may be of real prompts, no made-up example can tell. One that has never
    seen some kind of today's list spares no call, because it would never name it; one that knows
    no kind of it is not used.

    Raises:
        TaggerError: there is a trained one and it cannot be read.
    """
    trained = model_file.load(folder_of(cfg))
    known = {types.resolve(label) for label in trained.model.labels} if trained else set()
    if trained is None or known <= {None}:
        return None if asks_model(cfg) else Local(shipped(types), types, None)
    sure = trained.held_out.threshold(cfg.tag.precision)
    return Local(trained, types, sure if known >= set(types.labels) else None)


def folder_of(cfg: FlywheelSettings) -> Path:
    """Return where the trained classifier lies."""
    return cfg.var / "tagger"


def describe(local: Local | None) -> str:
    """Say what a classifier learned from and how good it is."""
    if local is None:
        return "no trained classifier yet (flywheel tag train)"
    held_out, about = local.classifier.held_out, local.classifier.about
    figures = held_out.figures()
    learned = f"{about['tags']} tags" if about["tags"] else "the shipped examples"
    said = (
        f"classifier of {learned}: macro-F1 on {figures['held_out']} held-out prompts "
        f"{figures['macro_f1_area']:.2f} for areas, {figures['macro_f1_kind']:.2f} for kinds"
    )
    if about["taxonomy_version"] == local.types.version:
        return said
    return (
        f"{said}; it learned version {about['taxonomy_version']} of the task types, now it is "
        f"{local.types.version}: flywheel tag train"
    )
