"""The answers to ask for: one unit for each prompt and sample."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from schemas.run import Run
from schemas.task_types import TaskTypes
from tasks.adapters.calls import Request
from tasks.answering.few_shot import Pools, Shown
from tasks.answering.request import request
from tasks.answering.style import Style, Styles


@dataclass(frozen=True, slots=True)
class Unit:
    """One answer to ask for."""

    row: dict[str, Any]  # of the prompt
    sample: int
    style: Style
    shown: Shown

    @property
    def request(self) -> Request:
        """The request, as sent."""
        return request(self.row["messages"], self.style, self.sample, self.shown.examples)


def units_of(prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run) -> list[Unit]:
    """Return every answer to ask for, in the order of `prompts`.

    Raises:
        SettingsError: a task type, an endpoint or a template that does not exist.
    """
    styles, rows = Styles(run.cfg, types), prompts.to_dicts()
    asked = [(row, styles.of(row["area"], row["kind"])) for row in rows]
    pools: Pools | None = None
    if any(style.few_shot for _, style in asked):
        days = sorted({row["day"] for row in rows})
        pools = Pools(warehouse, days, types, run.cfg.dedupe)
    return [
        Unit(row, sample, style, shown)
        for row, style in asked
        for shown in [pools.shown(row, style.few_shot) if pools else Shown()]
        for sample in range(style.samples)
    ]
