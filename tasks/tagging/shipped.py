"""The classifier that knows the shipped examples only."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from schemas.errors import TaggerError
from schemas.task_types import TaskTypes
from tasks.adapters import cache
from tasks.tagging import model_file
from tasks.tagging.classifier import Classifier, learn
from tasks.tagging.lessons import Lesson, distinct, shipped_lessons, silent

_LIBRARIES = ("numpy", "scipy", "scikit-learn")  # another version may learn other numbers


@lru_cache(maxsize=4)
def shipped(types: TaskTypes) -> Classifier:
    """Return it as the user's cache folder has it, else learn it: that takes seconds."""
    lessons = silent(distinct(shipped_lessons(types)), types)
    folder = cache.writable(f"tagger-{_name(lessons, types)}")
    if folder and (known := _kept(folder)):
        return known
    classifier = learn(lessons, types.version)
    if folder:
        model_file.save(classifier, folder)
    return classifier


def _kept(folder: Path) -> Classifier | None:
    try:
        return model_file.load(folder)
    except TaggerError:  # damaged: it is made anew
        return None


def _name(lessons: Sequence[Lesson], types: TaskTypes) -> str:
    """Hash all that decides what is learned: the lessons, this package and its libraries."""
    said = sha256(repr((sorted(lessons), types.version)).encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        said.update(path.read_bytes())
    said.update(repr([version(name) for name in _LIBRARIES]).encode())
    return said.hexdigest()[:16]
