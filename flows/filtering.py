"""`flywheel filter --what-if`: what other rules would keep. Nothing here knows Prefect."""

import json
from datetime import date

import polars as pl

from flows import console
from schemas.settings import FlywheelSettings
from tasks.difference import WAYS, Difference
from tasks.rules import RULES
from tasks.what_if import what_if

_COUNTS = ("dropped_now", "dropped_then", "hits_now", "hits_then")


def show_what_if(
    cfg: FlywheelSettings, first: date | None, last: date | None, *, as_json: bool
) -> None:
    """Print what the settings of now would keep and drop of what is stored.

    Raises:
        StoreError: there is no warehouse, or none of these days has been filtered.
    """
    found = what_if(cfg, first, last)
    if as_json:
        console.raw(json.dumps(_flat(found), ensure_ascii=False))
        return
    rules = pl.DataFrame(found.per_rule()).select("rule", *_COUNTS)
    seen = rules.filter(pl.any_horizontal(pl.col(_COUNTS) > 0))
    console.table(seen, "Rows per rule: now as stored, then by the settings of now")
    for title, examples in _examples(found).items():
        if examples:
            console.table(pl.DataFrame(examples), title)
    console.out.print(_summary(found))


def _flat(found: Difference) -> dict[str, object]:
    return {
        "days": found.days,
        "days_made_of_chats": found.days_of_chats,
        "kept_now": found.now.kept,
        "kept_then": found.then.kept,
        "dropped_now": found.now.drops.total(),
        "dropped_then": found.then.drops.total(),
        **{f"rows_{way}": found.ways[way] for way in WAYS},
        "rules_from_stored_hits": found.rules_from_stored_hits,
        "rules_asked_again": _asked(found),
        "rules": found.per_rule(),
        "examples_newly_dropped": found.newly_dropped,
        "examples_newly_kept": found.newly_kept,
    }


def _examples(found: Difference) -> dict[str, list[dict[str, object]]]:
    return {
        "Some that would be dropped, and by which rule": found.newly_dropped,
        "Some that would be kept, and which rule drops them now": found.newly_kept,
    }


def _summary(found: Difference) -> str:
    ways = [f"{found.ways[way]:,} {said}" for way, said in WAYS.items() if found.ways[way]]
    return "\n".join(
        (
            f"{found.days} days. Now {found.now.kept:,} of {found.now.rows:,} rows are kept, then "
            f"{found.then.kept:,} of {found.then.rows:,}: {', '.join(ways) or 'there is no row'}.",
            f"{found.rules_from_stored_hits} rules from stored hits, {_asked(found)} asked again; "
            f"{found.days_of_chats} days made of their chats.",
            "Nothing was written. What is stored changes by: flywheel backfill --from DAY --to DAY "
            "--restage filter",
        )
    )


def _asked(found: Difference) -> int:
    return len(RULES) - found.rules_from_stored_hits
