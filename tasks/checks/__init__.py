"""Checks that find fault with an answer, in the order in which its defects are listed.

Each has a gate, a boolean Polars expression over the frame of answers, and most read the answers
that the gate points out. A check's name is the defect that analysts read.
"""

from typing import Any

import polars as pl

from schemas.check_names import wanted_checks
from schemas.settings import CheckSettings
from schemas.task_types import TaskTypes
from tasks.checks.asked_count import count_missed
from tasks.checks.asked_form import format_missed
from tasks.checks.asked_json import invalid_json, schema_mismatch
from tasks.checks.asked_length import length_missed
from tasks.checks.check import Answered, Check
from tasks.checks.completeness import cut_off, empty, unclosed
from tasks.checks.grounding import contradicts_numbers
from tasks.checks.identity import cutoff_talk, identity_leak
from tasks.checks.labels import label_not_in_set
from tasks.checks.other_language import wrong_language
from tasks.checks.reasoning import reasoning_residue
from tasks.checks.refusal import refusal
from tasks.checks.repetition import equals_prompt, loop
from tasks.checks.tool_calls import invalid_tool_call
from tasks.checks.typography import wrong_punctuation, wrong_quotes

CHECKS: tuple[Check, ...] = (
    empty,
    cut_off,
    unclosed,
    refusal,
    identity_leak,
    cutoff_talk,
    reasoning_residue,
    wrong_language,
    loop,
    equals_prompt,
    invalid_tool_call,
    invalid_json,
    schema_mismatch,
    label_not_in_set,
    format_missed,
    count_missed,
    length_missed,
    contradicts_numbers,
    wrong_quotes,
    wrong_punctuation,
)
SLICE = 20_000  # answers that are read at a time

_LABEL = pl.concat_str("area", pl.lit("/"), "kind")


def apply_checks(
    answers: pl.DataFrame, cfg: CheckSettings, types: TaskTypes | None = None
) -> pl.DataFrame:
    """Add `defects`, the names of all checks that fire in the order of CHECKS, and `detail`.

    Rows and their order stay as they are; an answer without fault has an empty list and null.

    Args:
        answers: prompt, messages, tools, answer, finish_reason, language, area and kind.
        cfg: limits, and which checks are off.
        types: say which checks a task type wants; without them the general ones are applied to
            all, and the special ones to none.
    """
    slices = [_checked(part, cfg, types) for part in answers.iter_slices(SLICE)]
    return pl.concat(slices) if slices else _with(answers, [], [])


def _checked(answers: pl.DataFrame, cfg: CheckSettings, types: TaskTypes | None) -> pl.DataFrame:
    checks = [check for check in CHECKS if check.name not in cfg.off]
    answers = with_system(answers)
    gates = answers.select(
        (check.gate(cfg) & _is_for(check, types)).fill_null(value=False).alias(check.name)
        for check in checks
    )
    defects: list[list[str]] = [[] for _ in range(answers.height)]
    details: list[list[str]] = [[] for _ in range(answers.height)]
    read = [check.name for check in checks if check.read]
    close = gates.select(pl.any_horizontal(pl.lit(value=False), *read)).to_series().arg_true()
    rows = {
        at: answered(row) for at, row in zip(close, answers[close].rows(named=True), strict=True)
    }
    for check in checks:
        for at in gates[check.name].arg_true():
            detail = check.read(rows[at], cfg) if check.read else check.defect
            if detail:
                defects[at].append(check.name)
                details[at].append(detail)
    return _with(answers.drop("system"), defects, details)


def with_system(answers: pl.DataFrame) -> pl.DataFrame:
    """Add `system`, the logged system messages of every answer."""
    said = [
        "\n\n".join(m["content"] for m in messages or () if m["role"] == "system")
        for messages in answers["messages"].to_list()
    ]
    return answers.with_columns(pl.Series("system", said, dtype=pl.String))


def answered(row: dict[str, Any]) -> Answered:
    """Read one row of the frame, with its `system`."""
    messages = row["messages"] or []
    return Answered(
        prompt=row["prompt"],
        answer=row["answer"] or "",
        system=row["system"],
        before="\n\n".join(m["content"] for m in messages[:-1] if m["role"] != "system"),
        tools=row["tools"],
        language=row["language"],
        area=row["area"],
    )


def _is_for(check: Check, types: TaskTypes | None) -> pl.Expr:
    if types is None:
        return pl.lit(not check.special)
    labels = [
        label for label, kind in types.kinds.items() if check.name in wanted_checks(kind.checks)
    ]
    known = _LABEL.is_in([*types.kinds])
    return _LABEL.is_in(labels) | (~known if not check.special else pl.lit(value=False))


def _with(
    answers: pl.DataFrame, defects: list[list[str]], details: list[list[str]]
) -> pl.DataFrame:
    said = ["; ".join(each) or None for each in details]
    return answers.with_columns(
        pl.Series("defects", defects, dtype=pl.List(pl.String)),
        pl.Series("detail", said, dtype=pl.String),
    )
