"""What the local classifier learns from: shipped examples, and tags the strong model gave."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from schemas.task_examples import load_examples
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.adapters import store
from tasks.similarity.normalise import comparable


class Lesson(NamedTuple):
    """A prompt and its label; the classifier is only measured on lessons like those to come."""

    prompt: str
    label: str
    measured: bool


def shipped_lessons(types: TaskTypes, *, measured: bool) -> list[Lesson]:
    """Return the examples that ship, under the labels of `types`."""
    return [Lesson(prompt, label, measured) for label, prompt in load_examples(types)]


def tag_lessons(warehouse: Path, types: TaskTypes) -> list[Lesson]:
    """Return each prompt that the strong model has tagged, once, under its label of today.

    A label that the list has no more teaches nothing. Unknown ones do: what they look like is
    not to be guessed at.
    """
    rows = store.query(warehouse, "tag_lessons").rows()
    labelled = (
        (prompt, label if label == UNKNOWN else types.resolve(label)) for prompt, label in rows
    )
    return distinct(Lesson(prompt, label, True) for prompt, label in labelled if label)


def distinct(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Keep the first lesson about each text: a repeated prompt would be measured on itself."""
    found: dict[str, Lesson] = {}
    for lesson in lessons:
        found.setdefault(comparable(lesson.prompt), lesson)
    return list(found.values())
