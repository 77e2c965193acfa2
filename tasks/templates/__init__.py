"""Prompt texts, one versioned file each: a changed text gets a new file name."""

from functools import cache
from importlib.resources import files


@cache
def template(name: str) -> str:
    """Return the text of `tasks/templates/<name>.txt`."""
    return (files("tasks.templates") / f"{name}.txt").read_text(encoding="utf-8").strip()
