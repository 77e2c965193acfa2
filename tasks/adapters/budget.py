"""Caps on what may be bought, per run and per UTC day, over all stages and processes.

The store is where it is decided: a call is claimed only while what is bought and what is claimed
leave room for its estimate. Two processes can therefore not overspend together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from schemas.errors import SettingsError
from schemas.run import Run
from tasks.adapters import store
from tasks.adapters.prices import Prices

_SPENT = """
SELECT count(*) AS calls, coalesce(sum(cost_usd), 0)::DOUBLE AS usd,
       (coalesce(sum(prompt_tokens), 0) + coalesce(sum(answer_tokens), 0))::BIGINT AS tokens,
       count(*) FILTER (error IS NULL AND (prompt_tokens IS NULL OR answer_tokens IS NULL))
           AS unmeasured
FROM llm_calls WHERE {}
"""
_CLAIMED = """
SELECT count(*) AS calls, coalesce(sum(usd), 0)::DOUBLE AS usd,
       coalesce(sum(tokens), 0)::BIGINT AS tokens
FROM claims WHERE until > $now AND {}
"""


class Estimate(NamedTuple):
    """What a call will take at most, as far as one can know before it is sent."""

    tokens: int
    usd: float


class Room(NamedTuple):
    """How many of the calls that were asked for fit under the caps.

    reason     why not all of them; None when they all fit
    may_grow   whether claimed calls may turn out cheaper than thought, so that more will fit
    """

    calls: int
    reason: str | None = None
    may_grow: bool = False


@dataclass(frozen=True, slots=True)
class Cap:
    """One limit of `[caps]`."""

    name: str
    most: float
    unit: str  # calls, usd or tokens
    daily: bool


class Budget:
    """The caps of a run, and whether more calls fit under them."""

    def __init__(self, run: Run, prices: Prices) -> None:
        """Read the caps.

        Raises:
            SettingsError: a cap in USD without a price, which could never be reached.
        """
        self._run_id = run.run_id
        self._caps = _caps(run)
        if any(cap.unit == "usd" for cap in self._caps) and not prices.known:
            raise SettingsError(
                f"caps.max_usd needs the price of {run.cfg.llm.model!r}, which the price book "
                "does not know: set llm.input_usd_per_mtok and llm.output_usd_per_mtok in "
                "flywheel.toml (0 for a free model), or those of its [llm.endpoints] section."
            )

    @property
    def is_set(self) -> bool:
        """Whether there is any cap."""
        return bool(self._caps)

    def room(self, con: store.Connection, calls: Sequence[Estimate]) -> Room:
        """Say how many of `calls`, from the first on, may be claimed in this transaction."""
        rooms = [self._room_under(cap, con, calls) for cap in self._caps]
        return min(rooms, default=Room(len(calls)), key=lambda room: (room.calls, room.may_grow))

    def reached(self, con: store.Connection) -> str | None:
        """Say which cap is used up by what is bought; None when the run may go on."""
        for cap in self._caps:
            spent = _row(con, _SPENT, _scope(cap, self._run_id))
            if spent[cap.unit] >= cap.most:
                return _reason(cap, spent[cap.unit], 0)
            if _is_unmeasurable(cap, spent):
                return _unmeasured(cap)
        return None

    def _room_under(self, cap: Cap, con: store.Connection, calls: Sequence[Estimate]) -> Room:
        spent = _row(con, _SPENT, _scope(cap, self._run_id))
        if _is_unmeasurable(cap, spent):
            return Room(0, _unmeasured(cap))
        live = ("true", {}) if cap.daily else _scope(cap, self._run_id)  # each is of today
        claimed = _row(con, _CLAIMED, live)[cap.unit]
        left = cap.most - spent[cap.unit] - claimed
        wanted: list[float] = [{"calls": 1, **call._asdict()}[cap.unit] for call in calls]
        fits = int((pl.Series(wanted, dtype=pl.Float64).cum_sum() <= left + 1e-9).sum())
        if fits == len(calls):
            return Room(fits)
        under_way = claimed > 0 or fits > 0
        return Room(fits, _reason(cap, spent[cap.unit], wanted[fits]), may_grow=under_way)


def would_stop(warehouse: Path, run: Run, spend: dict[str, float | None]) -> list[str]:
    """Say which caps leave no room for `spend`: calls, tokens, and usd where it is known."""
    said = []
    with store.reading(warehouse) as con:
        for cap in _caps(run):
            before, more = _row(con, _SPENT, _scope(cap, run.run_id))[cap.unit], spend[cap.unit]
            if more and before + more > cap.most + 1e-9:
                today = f" after {before:.6g} of today" if cap.daily else ""
                said.append(
                    f"caps.{cap.name} = {cap.most} would stop it: {more:.6g} {cap.unit}{today}"
                )
    return said


def _caps(run: Run) -> list[Cap]:
    return [
        Cap(name, most, name.split("_")[1], name.endswith("per_day"))
        for name, most in run.cfg.caps
        if most is not None
    ]


def _scope(cap: Cap, run_id: str) -> tuple[str, dict[str, Any]]:
    """Return which bought calls count for a cap: the run's, or those of this UTC day."""
    if not cap.daily:
        return "run_id = $run_id", {"run_id": run_id}
    midnight = datetime.combine(store.now().date(), time())
    return "bought_at >= $midnight", {"midnight": midnight}


def _row(con: store.Connection, sql: str, scope: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    test, params = scope
    if "$now" in sql:
        params = {**params, "now": store.now()}
    return store.frame(con, sql.format(test), **params).to_dicts()[0]


def _is_unmeasurable(cap: Cap, spent: dict[str, Any]) -> bool:
    return bool(spent["unmeasured"]) and cap.unit != "calls"


def _unmeasured(cap: Cap) -> str:
    return f"caps.{cap.name} = {cap.most} cannot be kept: the server reports no usage"


def _reason(cap: Cap, spent: float, next_one: float) -> str:
    if spent >= cap.most:
        return f"caps.{cap.name} = {cap.most} is reached"
    return (
        f"caps.{cap.name} = {cap.most} is reached but for {cap.most - spent:.6g}, "
        f"and the next call may take {next_one:.6g}"
    )
