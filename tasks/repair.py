"""Ask once more for answers that have a defect, with the defect named."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from schemas.run import Run
from schemas.task_types import TaskTypes
from tasks.adapters.calls import Reply, Request
from tasks.answering.ask import can_be_asked, replies
from tasks.answering.request import request
from tasks.answering.style import Style, Styles
from tasks.checks import apply_checks
from tasks.checks.reasoning import split_reasoning
from tasks.checks.versions import in_order
from tasks.stage import Outcome
from tasks.templates import template

TEMPLATE = "repair.v1"
# To insist would be to talk the model out of its no.
_NOT_REPAIRED = "refusal"


@dataclass(frozen=True)
class Repair:
    """An answer to ask for again; `row` is the answer as checked, with its `detail`."""

    row: dict[str, Any]
    style: Style

    @cached_property
    def request(self) -> Request:
        """The conversation with the bad answer, and what is wrong with it."""
        asked = request(self.row["messages"], self.style, self.row["sample"])
        problem = template(TEMPLATE).replace("{defect}", self.row["detail"])
        turns = [
            {"role": "assistant", "content": self.row["answer"] or "…"},
            {"role": "user", "content": problem},
        ]
        return replace(asked, purpose="repair", messages=[*asked.messages, *turns])


def repaired(checked: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run) -> Outcome:
    """Add a second version of the answers that have a defect, checked again.

    An answer whose repair is not bought yet is pending, and has no row.

    Args:
        checked: the answers with everything that checks read, `defects`, `detail` and `sample`.
        types: today's list of task types.
        warehouse: the store.
        run: settings.

    Raises:
        SettingsError: a task type, an endpoint or a template that does not exist.
    """
    second: list[dict[str, Any]] = []
    pending: list[str] = []
    message: str | None = None
    for repair, reply in _replies(checked, types, warehouse, run):
        if reply.pending:
            message = reply.pending
            pending.append(repair.row["answer_id"])
        elif not reply.error:
            second.append(_version(repair.row, reply))
    first = checked.with_columns(version=pl.lit(0, pl.Int32), call_key=pl.lit(None, pl.String))
    first = first.filter(~pl.col("answer_id").is_in(pending))
    if second:
        again = pl.DataFrame(second, schema=first.drop("defects", "detail").schema)
        again = apply_checks(again, run.cfg.check, types).select(first.columns)
        first = in_order(first, again)
    return Outcome(first, len(pending), message)


def _replies(
    checked: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run
) -> Iterator[tuple[Repair, Reply]]:
    """Yield each answer to repair with what the model said; none where there is no model."""
    if not run.cfg.check.repair:
        return
    defects = pl.col("defects")
    bad = checked.filter((defects.list.len() > 0) & ~defects.list.contains(_NOT_REPAIRED))
    styles = Styles(run.cfg, types)
    asked = [Repair(row, styles.of(row["area"], row["kind"])) for row in bad.to_dicts()]
    asked = [repair for repair in asked if repair.style.teacher != "logged_only"]
    can = [repair for repair in asked if can_be_asked(repair.style.endpoint, run)]
    yield from replies(can, warehouse, run, "repair")


def _version(row: dict[str, Any], reply: Reply) -> dict[str, Any]:
    text, _ = split_reasoning(reply.text or "", row["prompt"])
    said = {"answer": text, "finish_reason": reply.finish_reason, "call_key": reply.call_key}
    known = {name: value for name, value in row.items() if name not in ("defects", "detail")}
    return known | said | {"version": 1}
