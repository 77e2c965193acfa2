"""Redact what the store already holds by today's rules, and leave no old value in its file.

The same change is made wherever a text was copied to, so nothing waits for a stage to run again.
Days whose chats have changed are settled like pulled ones: they show as stale, and the next run
asks anew only what reads differently.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from schemas import ddl
from schemas.conversation import Unreadable, text_message
from schemas.run import Run
from tasks.adapters import journal, store
from tasks.adapters.locks import locked
from tasks.compact import compact
from tasks.datasets.versions import rehash
from tasks.intake.manifest import without_private
from tasks.intake.merge import unsettle
from tasks.pull import settle
from tasks.redaction.redact import redact_again, redact_raw, redact_texts
from tasks.redaction.rules import Rules, rules_of
from tasks.stage import DAY_S

# Every column that holds words of people or models, or names that logs give. A test sees to it
# that each text column of the store stands here or is known to hold none.
TEXTS: dict[str, tuple[str, ...]] = {
    "chats": ("messages", "source_id", "session_id", "model", "tools"),
    "votes": ("target_id", "kind", "comment"),
    "quarantine": ("location", "detail", "payload"),
    "records": ("path",),
    "pulled_files": ("path",),
    "prompts": ("messages",),  # and `prompt`, the last of them
    "answers": ("answer", "reasoning", "failed", "model"),
    "few_shot_pool": ("prompt", "answer"),
    "checked_answers": ("answer", "detail", "rewritten"),
    "unique_answers": ("answer",),
    "llm_calls": ("reply", "error"),
    "eval_prompts": ("messages", "reference"),
    "eval_answers": ("answer",),
    "sft_rows": ("messages", "tools"),
    "stage_runs": ("message",),
}
WITHHELD = "<WITHHELD>"  # stands for messages from which a value cannot be cut out
_PART = 20_000  # values looked at together

Value = Any  # a text, or a list of messages
Counts = dict[str, int]
Place = tuple[str, str]  # table, column


@dataclass(frozen=True, slots=True)
class Redacted:
    """How many distinct values of one column have changed, and what was found in them."""

    table: str
    column: str
    values: int
    kinds: Counts


def redact_stored(run: Run) -> list[Redacted]:
    """Redact every text of the store and of the journal's loaded segments; doing so again is idle.

    The weights of models, and the rows that earlier training runs left in `var/training`, stay.
    """
    warehouse, rules, begun = run.cfg.warehouse, rules_of(run.cfg), time.monotonic()
    with locked(warehouse.parent / "locks" / "pull.lock", timeout_s=DAY_S):
        columns = [(table, column) for table, names in TEXTS.items() for column in names]
        counts = _counts(warehouse, columns)
        swept = [_redact_column(warehouse, *place, counts[place], rules) for place in columns]
        _rewrite_journal(warehouse.parent / "journal", rules)
        settle(run, begun)
    done = [each for each in swept if each.values]
    if done:
        compact(warehouse)
    return done


def _counts(warehouse: Path, columns: list[Place]) -> dict[Place, int]:
    with store.reading(warehouse) as con:
        return {
            (table, column): store.frame(con, f"SELECT count({column}) FROM {table}").item()
            for table, column in columns
        }


def _redact_column(warehouse: Path, table: str, column: str, count: int, rules: Rules) -> Redacted:
    redact = _REDACT.get(column, _text)
    kinds: Counter[str] = Counter()
    values = 0
    for part in _parts(warehouse, table, column, count):
        found = [(old, *redact(old, rules)) for old in part.to_list()]
        changed = [(old, new, _listed(counts)) for old, new, counts in found if new != old]
        if changed:
            with store.writing(warehouse) as con:
                _write(con, table, column, _frame(changed, part.dtype))
        values += len(changed)
        kinds.update({each["kind"]: each["replaced"] for *_, counts in changed for each in counts})
    return Redacted(table, column, values, dict(kinds))


def _parts(warehouse: Path, table: str, column: str, count: int) -> Iterator[pl.Series]:
    """Yield the distinct values of a column, some thousands at a time, holding no lock."""
    parts = -(-count // _PART)
    values = (
        f"SELECT DISTINCT {column} AS said FROM {table} "
        f"WHERE {column} IS NOT NULL AND hash({column}) % $parts = $part"
    )
    for part in range(parts):
        yield store.select(warehouse, values, parts=parts, part=part)["said"]


def _text(text: str, rules: Rules) -> tuple[str, Counts]:
    (redacted,), counts = redact_texts([text], rules)
    return redacted, counts


def _path(path: str, rules: Rules) -> tuple[str, Counts]:
    return without_private(path, rules), {}


def _location(location: str, rules: Rules) -> tuple[str, Counts]:
    """Redact FILE:LINE so that FILE still reads as it does in `records`."""
    path, colon, line = location.rpartition(":")
    return without_private(path, rules) + colon + line, {}


def _messages(messages: list[Any], rules: Rules) -> tuple[list[Any], Counts]:
    try:
        return redact_again(messages, rules)
    except Unreadable:
        return [text_message(one["role"], WITHHELD) for one in messages], {WITHHELD: 1}


_REDACT: dict[str, Callable[[Any, Rules], tuple[Any, Counts]]] = {
    "location": _location,
    "messages": _messages,
    "path": _path,
    "payload": redact_raw,
    "reply": redact_raw,
    "tools": redact_raw,
}


def _listed(counts: Counts) -> list[dict[str, Any]]:
    return [{"kind": kind, "replaced": n} for kind, n in sorted(counts.items())]


def _frame(changed: list[tuple[Any, Any, list[dict[str, Any]]]], kind: pl.DataType) -> pl.DataFrame:
    found = pl.List(pl.Struct({"kind": pl.String, "replaced": pl.Int32}))
    return pl.DataFrame(changed, {"old": kind, "new": kind, "found": found}, orient="row")


def _write(con: store.Connection, table: str, column: str, changes: pl.DataFrame) -> None:
    """Put the new values where the old ones stand now, wherever that is."""
    update = f"UPDATE {table} SET {column} = c.new FROM changes c WHERE {table}.{column} = c.old"
    with store.registered(con, changes, "changes"):
        if table == "chats":
            _unsettle(con, column)
        con.execute(update)
    if table == "prompts":
        con.execute("UPDATE prompts SET prompt = messages[-1].content")
    if table == "sft_rows":
        rehash(con)


def _unsettle(con: store.Connection, column: str) -> None:
    """Prepare for the change of chats: their days, their counts, and those that have to go."""
    old = "SELECT old FROM changes"
    days = store.frame(con, f"SELECT DISTINCT day FROM chats WHERE {column} IN ({old})")
    unsettle(con, set(days["day"]))
    if column == "messages":
        for statement in ddl.query("withhold_chats").split(";\n"):
            con.execute(statement, {"withheld": WITHHELD} if "$withheld" in statement else None)
        con.execute(ddl.query("add_pii"))


def _rewrite_journal(folder: Path, rules: Rules) -> None:
    """Redact the lines of segments that are kept until the next backup."""
    for path in journal.loaded(folder):
        journal.rewrite(path, lambda line: redact_raw(line, rules)[0])
