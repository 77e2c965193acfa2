"""What filter would keep and drop if its days were made anew, with the settings of now.

Nothing is written. A day whose chats, code and context settings are those its rows were made of
is judged from its rows: rules whose settings are the same keep the hits that are stored, the
others are asked again. Any other day is made of its chats, as the stage would.
"""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from schemas import ddl
from schemas.errors import StoreError
from schemas.filter_settings import FilterSettings
from schemas.settings import FlywheelSettings
from schemas.stages import BY_NAME
from tasks import ledger
from tasks.adapters import store
from tasks.difference import Difference, difference
from tasks.fingerprint import chosen_settings, code_version
from tasks.judge import CONTEXT_SETTINGS, judge, judge_again
from tasks.reads import settings_read
from tasks.rules import RULES
from tasks.rules.loops import rest_of_loop
from tasks.traits import TRAITS

FILTER = BY_NAME["filter"]


@dataclass(frozen=True, slots=True)
class Day:
    """One day as it is, and what it would be made of."""

    now: pl.DataFrame  # its rows of `prompts`
    known: frozenset[str]  # rules whose stored hits hold
    chats: pl.DataFrame | None  # what all must be made of; None where its rows will do


def what_if(cfg: FlywheelSettings, first: date | None, last: date | None) -> Difference:
    """Compare the filtered days from `first` to `last` with what they would be now.

    One day is in memory at a time.

    Raises:
        StoreError: there is no warehouse, or none of these days has been filtered.
    """
    total = Difference()
    for each in _filtered(cfg, first, last):
        total.add(_compare(_read(cfg, each), cfg.filter))
    return total


def known_rules(made_with: dict[str, Any], cfg: FlywheelSettings) -> frozenset[str] | None:
    """Return the rules whose hits are the same as under the settings `made_with`.

    None when the prompts themselves would differ, in their context or their traits.
    """
    now = chosen_settings(FILTER, cfg)[FILTER.name]
    changed = {name for name in now | made_with if now.get(name) != made_with.get(name)}
    of_traits = (settings_read(trait, cfg.filter) for trait in TRAITS)
    if changed & CONTEXT_SETTINGS.union(*of_traits):
        return None
    same = {rule.__name__ for rule in RULES if not changed & settings_read(rule, cfg.filter)}
    reads_the_others = {rest_of_loop.__name__} if changed else set()
    return frozenset(same - reads_the_others - set(made_with.get("off", ())))


def _filtered(cfg: FlywheelSettings, first: date | None, last: date | None) -> list[date]:
    days = ledger.runs(cfg.warehouse).filter(pl.col("stage") == FILTER.name)["day"].to_list()
    found = [day for day in days if (first or day) <= day <= (last or day)]
    if not found:
        there = f"there are {days[0]} to {days[-1]}" if days else "there are none"
        raise StoreError(
            f"no filtered day {_span(first, last)}; {there}. `flywheel run` filters a day."
        )
    return found


def _span(first: date | None, last: date | None) -> str:
    return " ".join([f"from {first}"] * bool(first) + [f"to {last}"] * bool(last)) or "yet"


def _read(cfg: FlywheelSettings, day: date) -> Day:
    """Read all of a day from one state of the store."""
    with store.reading(cfg.warehouse) as con:
        known = _known(store.frame(con, "FROM stage_runs WHERE day = $day", day=day), cfg)
        now = store.frame(con, "FROM prompts WHERE day = $day", day=day)
        chats = store.frame(con, ddl.query(FILTER.name), day=day) if known is None else None
    return Day(now, known or frozenset(), chats)


def _known(ledger_of_day: pl.DataFrame, cfg: FlywheelSettings) -> frozenset[str] | None:
    last = ledger.last_run(ledger_of_day, FILTER)
    if last is None or last.settings is None or last.code_version != code_version(FILTER):
        return None
    if last.is_outdated or last.inputs != ledger.inputs_of(ledger_of_day, FILTER):
        return None
    return known_rules(json.loads(last.settings)[FILTER.name], cfg)


def _compare(day: Day, cfg: FilterSettings) -> Difference:
    found = difference(day.now, _then(day, cfg), day.known)
    found.days_of_chats = int(day.chats is not None)
    return found


def _then(day: Day, cfg: FilterSettings) -> pl.DataFrame:
    if day.chats is not None:
        return judge(day.chats.with_columns(input_hash=pl.lit(0, pl.UInt64)), cfg)
    return judge_again(day.now, cfg, day.known)
