"""Shoot the arrow, then paint the target: make a prompt ask for what its answer does.

Only a length, a number of things, or a table or list in the place of another can be rewritten:
what else an answer misses is its fault, and stays one.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from schemas.settings import CheckSettings
from tasks.checks.asked_count import asked_count, counted
from tasks.checks.asked_form import FORMS, Form
from tasks.checks.asked_length import Length, asked_lengths, lengths
from tasks.checks.check import Answered

REWRITTEN = frozenset({"length_missed", "count_missed", "format_missed"})


# A prompt with more of them is a problem to solve, of which "a 400-word story" is a part.
_MOST_NUMBERS = 3
_NUMBER = re.compile(r"\d+")


class Edit(NamedTuple):
    """A part of a prompt, and what takes its place."""

    start: int
    end: int
    text: str


def backfit(row: Answered, cfg: CheckSettings) -> str | None:
    """Return the prompt with what its answer misses rewritten; None where that cannot be done.

    Whether the answer is without fault then is for the checks to say.
    """
    if row.instructions != row.prompt:  # places are those of a prompt that is read whole
        return None
    if len(_NUMBER.findall(row.prompt)) > _MOST_NUMBERS:
        return None
    edits = sorted({*_lengths(row, cfg), *_counts(row), *_forms(row)}, reverse=True)
    text = row.prompt
    for edit in edits:
        text = text[: edit.start] + edit.text + text[edit.end :]
    return text if edits else None


def _lengths(row: Answered, cfg: CheckSettings) -> Iterator[Edit]:
    for asked in asked_lengths(row.prompt):
        counts = lengths(row.answer, asked.unit)
        if asked.missed(counts, cfg.length_slack):
            yield Edit(*asked.place, str(_limit(asked, *counts)))


def _limit(asked: Length, low: int, high: int) -> int:
    """Return a length that the answer keeps to: round as people give them, unless exact."""
    step = next(step for most, step in _STEPS if low <= most)
    if asked.how == "at most":
        return -(-low // step) * step
    if asked.how == "at least":
        return high // step * step or high
    return low if asked.how == "exactly" else max(step, round(low / step) * step)


_STEPS = ((10, 1), (50, 5), (200, 10), (1_000, 50), (float("inf"), 100))


def _counts(row: Answered) -> Iterator[Edit]:
    asked = asked_count(row.prompt)
    found = counted(row.answer, asked.unit) if asked and not asked.loose else set()
    if asked and len(found) == 1 and asked.n not in found:
        [n] = found
        one = 1 in (n, asked.n)  # "one tip", "2 tips": the noun would have to change as well
        if not (one and row.prompt.isascii()):
            yield Edit(*asked.place, str(n))


def _forms(row: Answered) -> Iterator[Edit]:
    """Put the form that the answer has in the place of the one that was asked for."""
    has = [form.name for form in FORMS if form.name in _NOUNS and form.has(row.answer)]
    missed = [form for form in FORMS if form.asked.search(row.prompt) and form.name not in has]
    for form in missed:
        if len(has) == 1 and form.name in _NOUNS:
            yield from _renamed(row.prompt, form, has[0])


def _renamed(prompt: str, form: Form, other: str) -> Iterator[Edit]:
    for match in form.asked.finditer(prompt):
        begin = max(0, match.start() - len("an "))
        for noun, names in zip(_NOUNS[form.name], _LANGUAGES, strict=True):
            found = re.compile(noun, re.IGNORECASE).search(prompt, begin, match.end())
            if found:
                yield Edit(*found.span(), names[other])
                break


# What each form is called in English, Chinese and Korean, with the article or particle it has.
_NOUNS = {
    "a table": (
        r"\b(?:(?:an?|the) (?:\w+ )?)?(?:markdown )?table\b(?: form| format| layout)?",
        r"表格(?:的?形式|格式)?",
        r"표(?:로| ?형식으로| ?형태로)",
    ),
    "bullet points": (
        r"\b(?:an? )?bullet(?:ed|s)?(?:[ -](?:points?|lists?|form|format))?\b",
        r"项目符号(?:列表)?|无序列表|要点(?:的?形式|列表)?",
        r"(?:글머리 ?기호|불릿|개조식)(?:로|으로)",
    ),
    "a numbered list": (
        r"\b(?:an? )?numbered (?:list|steps|points)\b",
        r"编号列表|有序列表",
        r"번호 ?목록으로",
    ),
}
_LANGUAGES = (
    {
        "a table": "a table",
        "bullet points": "a bulleted list",
        "a numbered list": "a numbered list",
    },
    {"a table": "表格", "bullet points": "项目符号列表", "a numbered list": "编号列表"},
    {
        "a table": "표로",
        "bullet points": "글머리 기호 목록으로",
        "a numbered list": "번호 목록으로",
    },
)
