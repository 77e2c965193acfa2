"""Who buys which call: what is in the store, what is claimed, what is free.

A call is claimed in the same short transaction that looks it up, so two processes that want the
same call buy it once: the second one finds the claim and waits for the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from schemas import contracts
from schemas.run import Run
from tasks.adapters import journal, store
from tasks.adapters.budget import Budget, Estimate

LEASE = timedelta(minutes=5)  # for owners on other machines; on this one a dead owner shows at once


class Wanted(NamedTuple):
    """A call that somebody wants to make, and what it will take at most."""

    call_key: str
    estimate: Estimate = Estimate(0, 0.0)


@dataclass(frozen=True, slots=True)
class Standing:
    """What became of the calls that were asked for."""

    bought: dict[str, dict[str, Any]]  # call_key -> row of llm_calls
    mine: list[str]  # claimed by us now: to be sent
    elsewhere: list[str]  # claimed by another process: to be waited for
    capped: list[str]  # free, but a cap leaves no room for them
    reason: str | None = None  # which cap
    may_grow: bool = False  # claimed calls may turn out cheaper, and leave room after all


def claim(
    warehouse: Path, wanted: Sequence[Wanted], owner: str, run: Run, budget: Budget
) -> Standing:
    """Look calls up, and claim those that nobody has bought or is buying, as far as caps allow.

    In a run that retries failures, errors that other runs have met do not count as bought.
    """
    known = {each.call_key: each.estimate for each in wanted}
    alive = [name for name, _ in journal.by_owner(warehouse.parent / "journal")]  # on this machine
    keys = pl.DataFrame({"call_key": list(known)}, schema={"call_key": pl.String})
    with store.writing(warehouse) as con, store.registered(con, keys, "wanted") as name:
        rows = store.frame(con, f"FROM llm_calls SEMI JOIN {name} USING (call_key)").to_dicts()
        bought = {row["call_key"]: row for row in rows if not _asked_again(row, run)}
        claims = store.frame(con, f"FROM claims SEMI JOIN {name} USING (call_key)")
        held = (pl.col("until") > store.now()) | pl.col("owner").is_in(alive)
        taken = claims.filter(pl.col("owner") != owner, held)
        others = [key for key in taken["call_key"] if key not in bought]
        gone = {*bought, *others}
        free = [key for key in known if key not in gone]
        _unclaim(con, free)  # what is over, or was ours: the caps count it once
        room = budget.room(con, [known[key] for key in free])
        mine = {key: known[key] for key in free[: room.calls]}
        store.insert(con, "claims", _claims(mine, owner, run))
    return Standing(bought, list(mine), others, free[len(mine) :], room.reason, room.may_grow)


def bought(warehouse: Path, keys: Sequence[str], run: Run) -> set[str]:
    """Return those of `keys` that `run` would not buy again; nothing is claimed or loaded."""
    asked = set(keys)
    lines = journal.unloaded(warehouse.parent / "journal")  # first: a line may be loaded meanwhile
    rows = [line for line in lines if line["call_key"] in asked]
    wanted = pl.DataFrame({"call_key": keys}, schema={"call_key": pl.String})
    with store.reading(warehouse) as con, store.registered(con, wanted, "wanted") as name:
        known = f"SELECT call_key, error, run_id FROM llm_calls SEMI JOIN {name} USING (call_key)"
        rows += store.frame(con, known).to_dicts()
    return {row["call_key"] for row in rows if not _asked_again(row, run)}


def renew(warehouse: Path, owner: str) -> None:
    """Extend the lease of everything that `owner` has claimed."""
    with store.writing(warehouse) as con:
        con.execute(
            "UPDATE claims SET until = $until WHERE owner = $owner",
            {"until": store.now() + LEASE, "owner": owner},
        )


def load(
    warehouse: Path,
    owner: str,
    records: Sequence[dict[str, Any]],
    given_up: Sequence[str],
    budget: Budget,
) -> str | None:
    """Load bought calls, and end the claims of `owner` on them and on those it has given up.

    Returns:
        The cap that is reached by now; None when there is none.
    """
    ended = [record["call_key"] for record in records] + list(given_up)
    with store.writing(warehouse) as con:
        _load(con, records)
        _unclaim(con, ended, owner)
        return budget.reached(con)


def settle(warehouse: Path, owner: str, records: Sequence[dict[str, Any]]) -> None:
    """Load bought calls, and give up every claim of `owner`."""
    with store.writing(warehouse) as con:
        _load(con, records)
        store.delete_where(con, "claims", owner=owner)


def recover(warehouse: Path, folder: Path) -> int:
    """Load what processes that died had bought, and free what they had claimed.

    All segments of a process at once: a claim that is freed before its line is loaded would let
    the next one buy the call again.

    Returns:
        How many calls were found in their segments.
    """
    found = 0
    for owner, paths in journal.by_owner(folder):
        with journal.orphan(*paths) as records:
            if records is not None:
                settle(warehouse, owner, records)
                found += len(records)
    return found


def _claims(mine: dict[str, Estimate], owner: str, run: Run) -> pl.DataFrame:
    until = store.now() + LEASE
    rows = [
        {"call_key": key, "owner": owner, "until": until, "run_id": run.run_id} | estimate._asdict()
        for key, estimate in mine.items()
    ]
    return contracts.frame("claims", rows)


def _unclaim(con: store.Connection, keys: Sequence[str], owner: str | None = None) -> None:
    ended = pl.DataFrame({"call_key": keys}, schema={"call_key": pl.String})
    with store.registered(con, ended, "ended") as name:
        con.execute(
            f"DELETE FROM claims WHERE call_key IN (SELECT call_key FROM {name}) "
            "AND ($owner IS NULL OR owner = $owner)",
            {"owner": owner},
        )


def _load(con: store.Connection, records: Sequence[dict[str, Any]]) -> None:
    """Insert what is absent; an error that was asked again gives way to what came of it."""
    columns = list(contracts.schema("llm_calls"))
    rows = contracts.frame("llm_calls", [_row(record, columns) for record in records])
    answers_first = rows.sort(pl.col("error").is_not_null(), maintain_order=True)
    with store.registered(con, rows.select("call_key"), "asked") as name:
        con.execute(
            "DELETE FROM llm_calls WHERE error IS NOT NULL "
            f"AND call_key IN (SELECT call_key FROM {name})"
        )
    store.insert_absent(con, "llm_calls", answers_first, key="call_key")


def _asked_again(row: dict[str, Any], run: Run) -> bool:
    return run.retry_failed and row["error"] is not None and row["run_id"] != run.run_id


def _row(record: dict[str, Any], columns: list[str]) -> dict[str, Any]:
    """Read a journal line: the time is kept as text, and an older flywheel had other columns."""
    at = record["bought_at"]
    return {
        **{name: record.get(name) for name in columns},
        "bought_at": datetime.fromisoformat(at) if isinstance(at, str) else at,
    }
