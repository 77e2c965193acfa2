"""Who buys which call: what is in the store, what is claimed, what is free.

A call is claimed in the same short transaction that looks it up, so two processes that want the
same call buy it once: the second one finds the claim and waits for the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from tasks.adapters import journal, store

LEASE = timedelta(minutes=5)  # for owners on other machines; on this one a dead owner shows at once


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of the keys that were asked for."""

    bought: dict[str, dict[str, Any]]  # call_key -> row of llm_calls
    mine: list[str]  # claimed by us now: to be sent
    elsewhere: list[str]  # claimed by another process: to be waited for


def claim(
    warehouse: Path, keys: Sequence[str], owner: str, *, retry_for: str | None = None
) -> Standing:
    """Look `keys` up, and claim those that nobody has bought or is buying.

    With the run_id `retry_for`, errors that other runs have met do not count as bought.
    """
    wanted = pl.DataFrame({"call_key": list(dict.fromkeys(keys))}, schema={"call_key": pl.String})
    with store.writing(warehouse) as con, store.registered(con, wanted, "wanted") as name:
        rows = store.frame(con, f"FROM llm_calls SEMI JOIN {name} USING (call_key)").to_dicts()
        bought = {row["call_key"]: row for row in rows if not _asked_again(row, retry_for)}
        claims = store.frame(con, f"FROM claims SEMI JOIN {name} USING (call_key)")
        taken = claims.filter(pl.col("owner") != owner, pl.col("until") > store.now())
        free = wanted.filter(~pl.col("call_key").is_in([*bought, *taken["call_key"]]))
        rows_of = free.with_columns(owner=pl.lit(owner), until=pl.lit(store.now() + LEASE))
        store.upsert(con, "claims", rows_of, key="call_key")
    others = [key for key in taken["call_key"] if key not in bought]
    return Standing(bought, free["call_key"].to_list(), others)


def renew(warehouse: Path, owner: str) -> None:
    """Extend the lease of everything that `owner` has claimed."""
    with store.writing(warehouse) as con:
        con.execute(
            "UPDATE claims SET until = $until WHERE owner = $owner",
            {"until": store.now() + LEASE, "owner": owner},
        )


def settle(warehouse: Path, owner: str, records: list[dict[str, Any]]) -> None:
    """Load bought calls, and give up every claim of `owner`."""
    with store.writing(warehouse) as con:
        _load(con, records)
        store.delete_where(con, "claims", owner=owner)


def recover(warehouse: Path, folder: Path) -> int:
    """Load what processes that died had bought, and free what they had claimed.

    Returns:
        How many calls were found in their segments.
    """
    found = 0
    for path in journal.segments(folder):
        with journal.orphan(path) as records:
            if records is not None:
                settle(warehouse, path.stem, records)
                found += len(records)
    return found


def _load(con: store.Connection, records: list[dict[str, Any]]) -> None:
    """Insert what is absent; an error that was asked again gives way to what came of it."""
    rows = contracts.frame("llm_calls", [_timed(record) for record in records])
    answers_first = rows.sort(pl.col("error").is_not_null(), maintain_order=True)
    with store.registered(con, rows.select("call_key"), "asked") as name:
        con.execute(
            "DELETE FROM llm_calls WHERE error IS NOT NULL "
            f"AND call_key IN (SELECT call_key FROM {name})"
        )
    store.insert_absent(con, "llm_calls", answers_first, key="call_key")


def _asked_again(row: dict[str, Any], retry_for: str | None) -> bool:
    return retry_for is not None and row["error"] is not None and row["run_id"] != retry_for


def _timed(record: dict[str, Any]) -> dict[str, Any]:
    """Read the time, which a journal line keeps as text."""
    at = record["bought_at"]
    return {**record, "bought_at": datetime.fromisoformat(at) if isinstance(at, str) else at}
