"""Answers with a defect planted in each, and clean ones beside them, in three languages.

Written from what the defects mean, without a look at the checks that are to find them.
"""

import random
from dataclasses import replace
from typing import Any

from tests.tasks.checks.planting import asked, plain, structured, tool_calls
from tests.tasks.checks.planting.clean import clean_answers
from tests.tasks.checks.planting.material import LANGUAGES, Planted, Planter, words

EACH = 50  # planted answers per defect and language
CLEAN = 300  # further clean answers per language
Row = dict[str, Any]

PLANTERS: tuple[Planter, ...] = (
    plain.empty,
    plain.cut_off,
    plain.unclosed,
    plain.refusal,
    plain.identity_leak,
    plain.cutoff_talk,
    plain.wrong_language,
    plain.loop,
    structured.invalid_json,
    structured.schema_mismatch,
    asked.length_missed,
    asked.count_missed,
    asked.format_missed,
    asked.label_not_in_set,
    plain.wrong_quotes,
    plain.wrong_punctuation,
    asked.contradicts_numbers,
    plain.reasoning_residue,
    tool_calls.invalid_tool_call,
    plain.equals_prompt,
)
DEFECTS = tuple(planter.__name__ for planter in PLANTERS)
_SYSTEM = {
    "en": "You are a helpful assistant.",
    "zh": "你是一个乐于助人的助手。",
    "ko": "당신은 친절한 비서입니다.",
}


def rows() -> list[tuple[Row, str | None]]:
    """Return every planted row with its defect, its twin and the other clean rows with None."""
    pairs = [
        pair
        for language in LANGUAGES
        for planter in PLANTERS
        for n in range(EACH)
        for pair in _twins(planter, language, n)
    ]
    clean = [
        (row_of(planted, language, planted.good), None)
        for language in LANGUAGES
        for planted in clean_answers(language, CLEAN)
    ]
    return pairs + clean


def row_of(planted: Planted, language: str, answer: str, stopped: str = "stop") -> Row:
    """Return a row as `check` reads it."""
    area, kind = planted.kind.split("/")
    roles = [("user", "assistant")[n % 2] for n in range(len(planted.before))]
    system = planted.system or random.Random(planted.prompt).choice([None, _SYSTEM[language]])
    said = [("system", system)] if system else []
    said += [*zip(roles, planted.before, strict=True), ("user", planted.prompt)]
    return {
        "prompt": planted.prompt,
        "messages": [{"role": role, "content": content} for role, content in said],
        "tools": planted.tools,
        "answer": answer,
        "reasoning": None,
        "finish_reason": stopped,
        "language": language,
        "area": area,
        "kind": kind,
    }


def _twins(planter: Planter, language: str, n: int) -> list[tuple[Row, str | None]]:
    w = words(language, f"{planter.__name__} {n}")
    planted = planter(w)
    if w.rng.random() < 0.15:
        planted = replace(planted, before=w.question()[:2])
    bad = row_of(planted, language, planted.bad, planted.stopped)
    return [(bad, planter.__name__), (row_of(planted, language, planted.good), None)]
