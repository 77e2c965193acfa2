"""What the local classifier learns from: shipped examples, and tags the strong model gave."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import polars as pl

from schemas.task_examples import load_examples
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.adapters import store
from tasks.keywords import by_keywords
from tasks.similarity.normalise import comparable


class Lesson(NamedTuple):
    """A prompt and its label.

    is_tag    the strong model gave the label; else it is an example
    measured  the classifier will be asked about prompts like it, so quality is measured on it
    """

    prompt: str
    label: str
    is_tag: bool
    measured: bool


def shipped_lessons(types: TaskTypes) -> list[Lesson]:
    """Return the examples that ship, under the labels of `types`."""
    return [Lesson(prompt, label, False, False) for label, prompt in load_examples(types)]


def silent(lessons: Sequence[Lesson], types: TaskTypes) -> list[Lesson]:
    """Measure those lessons that no keyword tags: the classifier is asked about no others."""
    texts = pl.DataFrame({"prompt": [lesson.prompt for lesson in lessons]}).with_row_index(
        "prompt_id"
    )
    named = by_keywords(texts, types)["kind"].is_not_null()
    return [
        lesson._replace(measured=not is_named)
        for lesson, is_named in zip(lessons, named, strict=True)
    ]


def tag_lessons(warehouse: Path, types: TaskTypes) -> list[Lesson]:
    """Return each prompt that the strong model has tagged, once, under its label of today.

    A label that the list has no more teaches nothing. Unknown ones do: what they look like is
    not to be guessed at.
    """
    rows = store.query(warehouse, "tag_lessons").rows()
    labelled = (
        (prompt, label if label == UNKNOWN else types.resolve(label)) for prompt, label in rows
    )
    return distinct(Lesson(prompt, label, True, True) for prompt, label in labelled if label)


def distinct(lessons: Iterable[Lesson]) -> list[Lesson]:
    """Keep the first lesson about each text: a repeated prompt would be measured on itself."""
    found: dict[str, Lesson] = {}
    for lesson in lessons:
        found.setdefault(comparable(lesson.prompt), lesson)
    return list(found.values())
