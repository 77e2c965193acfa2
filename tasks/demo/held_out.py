"""The demo's eval set: prompts made apart from the logs, of every checkable task type."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from random import Random

from tasks.demo.languages import LANGUAGES
from tasks.demo.skills import SKILLS

_LANGUAGE_WEIGHTS = (5, 3, 2)  # as in the logs


def write_eval_set(path: Path, *, each: int, seed: int = 99) -> int:
    """Write `each` prompts per task type with their answers as an eval file; return how many.

    The types that users only come up with on day 3 are there from the start. Its chance is not
    that of the logs; a prompt that the logs happen to hold too is left out of training.
    """
    rng = Random(seed)
    lines: dict[str, dict[str, str]] = {}
    for skill in SKILLS:
        wanted = len(lines) + each
        while len(lines) < wanted:
            language = rng.choices(LANGUAGES, _LANGUAGE_WEIGHTS)[0]
            made = skill.example(rng, language)
            lines[made.prompt] = {
                "prompt": made.prompt,
                "task_type": skill.label,
                "reference": made.answer,
            }
    write_lines(path, lines.values())
    return len(lines)


def write_lines(path: Path, rows: Iterable[Mapping[str, str]]) -> None:
    """Write JSON lines."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    path.write_text(text, encoding="utf-8")
