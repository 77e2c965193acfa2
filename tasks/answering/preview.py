"""The requests that would be sent for one prompt. Nothing is sent, and no server need be there."""

from dataclasses import dataclass
from typing import Any

import orjson
import polars as pl

from schemas import ddl
from schemas.errors import NotFound
from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.task_types import load
from tasks.adapters import purchases, store
from tasks.adapters.calls import call_key
from tasks.adapters.request import body
from tasks.answering.logged import NO_VOTE, from_the_log
from tasks.answering.style import Styles
from tasks.answering.units import Unit, units_of


@dataclass(frozen=True, slots=True)
class Preview:
    """One request, and what is behind it."""

    unit: Unit
    llm: ModelSettings
    bought: bool  # whether its reply is in the store
    unsent: str | None  # why no run would send it, whatever it would buy

    @property
    def flat(self) -> dict[str, Any]:
        """Everything about it, as JSON can hold it; `request` is what is posted."""
        row, style, shown = self.unit.row, self.unit.style, self.unit.shown
        return {
            "prompt_id": row["prompt_id"],
            "sample": self.unit.sample,
            "task_type": style.label,
            "endpoint": style.endpoint or "llm",
            "base_url": self.llm.base_url,
            "template": style.template,
            "pool_version": shown.pool_version,
            "few_shot_ids": [example.example_id for example in shown.examples],
            "call_key": call_key(self.unit.request, self.llm),
            "bought": self.bought,
            "unsent": self.unsent,
            "request": orjson.loads(body(self.unit.request, self.llm)),
        }


def previews(cfg: FlywheelSettings, wanted: str) -> list[Preview]:
    """Return the request for each sample of a prompt.

    Args:
        cfg: settings.
        wanted: a prompt_id, or a beginning that only one has.

    Raises:
        NotFound: there is no such prompt, several begin like that, or it has no task type.
    """
    prompt = _prompt(cfg, wanted)
    run, rows, types = Run(cfg=cfg), prompt.drop("drop_reason"), load(cfg.task_types)
    units = units_of(rows, types, cfg.warehouse, run)
    unsent = _unsent(prompt["drop_reason"].item(), rows, Styles(cfg, types), run)
    asked = [(unit, cfg.llm.endpoint(unit.style.endpoint)) for unit in units]
    keys = [call_key(unit.request, llm) for unit, llm in asked]
    bought = purchases.bought(cfg.warehouse, keys, run)
    return [
        Preview(unit, llm, key in bought, unsent)
        for (unit, llm), key in zip(asked, keys, strict=True)
    ]


def _unsent(dropped: str | None, rows: pl.DataFrame, styles: Styles, run: Run) -> str | None:
    """Return why no run would send the request of a prompt."""
    if dropped:
        return f"dropped by dedupe: {dropped}"
    for taken in from_the_log(rows, styles, run)[0]:
        return NO_VOTE if taken.answer is None else "the log has an up-voted answer"
    return None


def _prompt(cfg: FlywheelSettings, wanted: str) -> pl.DataFrame:
    """Return one row: what the answer stage would read of a prompt, and whether dedupe drops it."""
    with store.reading(cfg.warehouse) as con:
        found = store.frame(con, ddl.query("preview"), wanted=wanted)
    exact = found.filter(pl.col("prompt_id") == wanted)
    found = exact if exact.height else found
    if found.height > 1:
        some = ", ".join(found["prompt_id"].head(5))
        raise NotFound(f"{wanted!r} is the beginning of several: {some}. Give more of it.")
    if not found.height:
        raise NotFound(f"no prompt begins with {wanted!r}. `flywheel sql 'FROM prompts'` has them.")
    if found["area"].item() is None:
        id_, why = found["prompt_id"].item(), found["filtered"].item() or "not deduped yet"
        raise NotFound(f"{id_} is not to be answered: {why}. `flywheel explain {id_}` says more.")
    return found.drop("filtered")
