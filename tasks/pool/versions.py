"""Versions of the few-shot pool: each holds all of its examples, and none ever changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.errors import NotFound, PoolError
from schemas.settings import FlywheelSettings
from tasks.adapters import store
from tasks.control_tokens import neutralised
from tasks.language import languages
from tasks.redaction.redact import redact_texts
from tasks.redaction.rules import Rules, rules_of
from tasks.similarity.matches import said


@dataclass(frozen=True, slots=True)
class Version:
    """The latest version after a change; with `changed` 0 it is the one that was there."""

    number: int
    changed: int
    examples: int


def add(cfg: FlywheelSettings, examples: Sequence[dict[str, Any]]) -> Version:
    """Freeze a version with these examples too; those that are there already change nothing.

    Raises:
        PoolError: the pool has another answer to one of these prompts, or they have two.
    """
    rules = rules_of(cfg)
    safe = [_made_safe(row, rules) for row in examples]
    spoken = languages(pl.Series([row["prompt"] for row in safe], dtype=pl.String))
    rows = [row | {"language": told} for row, told in zip(safe, spoken, strict=True)]
    with store.writing(cfg.warehouse) as con:
        before = store.frame(con, LATEST)
        known = set(before["example_id"])
        news = [row for row in rows if row["example_id"] not in known]
        _refuse_second_answers(before, news)
        number = _number(before) + bool(news)
        since = {"pool_version": number, "added_in": number, "added_at": store.now()}
        added = contracts.frame("few_shot_pool", [row | since for row in news])
        if news:
            _freeze(con, pl.concat([before, added]), number)
    return Version(number, len(news), before.height + len(news))


def remove(cfg: FlywheelSettings, ids: Sequence[str]) -> Version:
    """Freeze a version without these examples; they stay in the versions before.

    Raises:
        NotFound: the latest version has no such example, or several that begin like that.
        PoolError: no example would be left.
    """
    with store.writing(cfg.warehouse) as con:
        before = store.frame(con, LATEST)
        gone = {_example_id(wanted, before["example_id"].to_list()) for wanted in ids}
        rest = before.filter(~pl.col("example_id").is_in(list(gone)))
        if rest.is_empty():
            raise PoolError(
                "no example would be left, and a version holds at least one. To show none, set "
                "few_shot = 0 under [answer]."
            )
        number = _number(before) + 1
        _freeze(con, rest, number)
    return Version(number, len(gone), rest.height)


def listed(warehouse: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return every version with what changed in it, and the examples of the latest."""
    with store.reading(warehouse) as con:
        return store.frame(con, _VERSIONS), store.frame(con, LATEST)


def _made_safe(row: dict[str, Any], rules: Rules) -> dict[str, Any]:
    """Redact an example and make its control tokens harmless, as pull does with a chat."""
    (prompt, answer), _ = redact_texts([row["prompt"], row["answer"]], rules)
    return row | {"prompt": neutralised(prompt), "answer": neutralised(answer)}


def _refuse_second_answers(before: pl.DataFrame, news: Sequence[dict[str, Any]]) -> None:
    """Refuse a prompt that has its example: two answers would contradict each other."""
    taken: dict[tuple[str, ...], str] = {}
    for row in [*before.to_dicts(), *news]:
        same = (row["area"], row["kind"], *said(row["prompt"]))
        other = taken.setdefault(same, row["example_id"])
        if other != row["example_id"]:
            raise PoolError(
                f"{row['example_id']} ({row['prompt'][:60]!r}) has the prompt of {other}. An "
                "example per prompt is enough: leave it out, or `flywheel pool remove` the other."
            )


def _freeze(con: store.Connection, rows: pl.DataFrame, number: int) -> None:
    version = pl.lit(number, pl.Int32).alias("pool_version")
    store.insert(con, "few_shot_pool", rows.with_columns(version))


def _number(version: pl.DataFrame) -> int:
    """Return the number of the version that these are rows of; 0 without any."""
    return max(version["pool_version"].to_list(), default=0)


def _example_id(wanted: str, known: Sequence[str]) -> str:
    begin = [id_ for id_ in known if id_.startswith(wanted)]
    if wanted in known or len(begin) == 1:
        return wanted if wanted in known else begin[0]
    if not begin:
        raise NotFound(f"no example {wanted!r} in the latest version. `flywheel pool list`")
    some = ", ".join(begin[:5])
    raise NotFound(f"{wanted!r} is the beginning of several: {some}. Give more of it.")


LATEST = """
FROM few_shot_pool WHERE pool_version = (SELECT max(pool_version) FROM few_shot_pool)
ORDER BY area, kind, example_id
"""
_VERSIONS = """
WITH versions AS (
    SELECT pool_version, count(*) AS examples, count(DISTINCT area || '/' || kind) AS task_types,
           count(*) FILTER (added_in = pool_version) AS added
    FROM few_shot_pool GROUP BY pool_version
)
SELECT pool_version, examples, task_types, added,
       coalesce(lag(examples) OVER (ORDER BY pool_version), 0) + added - examples AS removed
FROM versions ORDER BY pool_version
"""
