"""Train the local classifier on what the strong model has said."""

from dataclasses import dataclass

from schemas.errors import Refused
from schemas.settings import FlywheelSettings
from schemas.task_types import load
from tasks.tagging import model_file
from tasks.tagging.classifier import Classifier, learn
from tasks.tagging.held_out import figures
from tasks.tagging.lessons import distinct, shipped_lessons, tag_lessons
from tasks.tagging.local import folder_of
from tasks.tagging.shipped import shipped


@dataclass(frozen=True, slots=True)
class Trained:
    """A new classifier, and what the shipped examples alone made of the same held-out tags."""

    classifier: Classifier
    before: dict[str, float]
    precision: float

    def summary(self) -> dict[str, float | None]:
        """Return every figure by name, for people and programs alike."""
        held_out = self.classifier.held_out
        return {
            **self.classifier.about,
            **held_out.figures(),
            "macro_f1_area_before": self.before["macro_f1_area"],
            "macro_f1_kind_before": self.before["macro_f1_kind"],
            "precision": self.precision,
            "threshold": held_out.threshold(self.precision),
            "share_spared": held_out.spared(self.precision),
        }


def train_tagger(cfg: FlywheelSettings) -> Trained:
    """Train on stored tags and shipped examples, and put the classifier where runs find it.

    Raises:
        Refused: the store has fewer tags of the strong model than `tag.min_tags`.
    """
    types = load(cfg.task_types)
    tags = tag_lessons(cfg.warehouse, types)
    if len(tags) < cfg.tag.min_tags:
        raise Refused(
            f"the store has {len(tags)} different prompts that the strong model tagged, and "
            f"training wants {cfg.tag.min_tags} (tag.min_tags). Run more days with a model in "
            "[llm]; until then the classifier knows the shipped examples."
        )
    classifier = learn(distinct([*tags, *shipped_lessons(types)]), types.version)
    guessed = [label for label, _ in shipped(types).guess([tag.prompt for tag in tags])]
    model_file.save(classifier, folder_of(cfg))
    return Trained(classifier, figures([tag.label for tag in tags], guessed), cfg.tag.precision)
