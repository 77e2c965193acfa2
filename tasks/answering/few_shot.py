"""Which examples a prompt is shown: a pure function of the prompt and a frozen pool version.

Each pair of prompt and example has a hash, and the examples with the highest ones are taken
(rendezvous hashing): every example comes equally often, and one that joins or leaves a pool
changes the choice only where it is, or was, among the first.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from schemas import ddl
from schemas.settings import DedupeSettings
from schemas.task_types import TaskTypes
from tasks.adapters import store
from tasks.similarity.matches import said
from tasks.similarity.verify import are_twins


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt with a good answer."""

    example_id: str
    language: str
    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class Target:
    """The prompt that examples are for."""

    prompt_id: str
    prompt: str  # the turn to be answered
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown with a prompt."""

    pool_version: int | None = None  # NULL: none was asked for, or there is no pool
    examples: tuple[Example, ...] = ()


def choose(
    target: Target, pool: Sequence[Example], k: int, cfg: DedupeSettings
) -> tuple[Example, ...]:
    """Return up to `k` examples of `pool`, never the target itself or a twin of it.

    They are of the target's language if there are `k` of it, else of any.
    """
    chosen: tuple[Example, ...] = ()
    for among in ([each for each in pool if each.language == target.language], pool):
        others = (each for each in _ranked(target, among) if not _is_target(each, target, cfg))
        chosen = tuple(islice(others, k))
        if len(chosen) == k:
            break
    return chosen


class Pools:
    """The pool versions that the prompts of some days were, or are to be, asked with."""

    def __init__(
        self,
        warehouse: Path,
        days: Sequence[date],
        types: TaskTypes,
        cfg: DedupeSettings,
    ) -> None:
        """Read the latest version, and those that stored answers of the days have seen."""
        self._types, self._cfg = types, cfg
        self._languages: dict[str, str] = {}
        self._first: dict[str, int] = {}
        self._latest: int | None = None
        self._of: defaultdict[tuple[int, str], list[Example]] = defaultdict(list)
        with store.reading(warehouse) as con:
            for day in days:
                asked = store.frame(con, ddl.query("few_shot_asked"), day=day)
                self._languages |= dict(asked.select("prompt_id", "language").iter_rows())
                first = asked.filter(pl.col("pool_version").is_not_null())
                self._first |= dict(first.select("prompt_id", "pool_version").iter_rows())
            versions = sorted(set(self._first.values()))
            rows = store.frame(con, ddl.query("few_shot_examples"), versions=versions)
        for row in rows.to_dicts():
            self._add(row)

    def shown(self, row: dict[str, Any], k: int) -> Shown:
        """Return what to show with a prompt; it keeps the version it was first asked with."""
        id_ = row["prompt_id"]
        version = self._first.get(id_, self._latest) if k else None
        if version is None:
            return Shown()
        target = Target(id_, row["messages"][-1]["content"], self._languages.get(id_))
        pool = self._of.get((version, self._label(row)), [])
        return Shown(version, choose(target, pool, k, self._cfg))

    def _add(self, row: dict[str, Any]) -> None:
        version = row["pool_version"]
        self._latest = max(version, self._latest or 0)
        example = Example(row["example_id"], row["language"], row["prompt"], row["answer"])
        self._of[version, self._label(row)].append(example)

    def _label(self, row: dict[str, Any]) -> str:
        """Return the task type of a row as the list calls it today."""
        label = f"{row['area']}/{row['kind']}"
        return self._types.resolve(label) or label


def _ranked(target: Target, pool: Sequence[Example]) -> list[Example]:
    """Return the examples of a pool, the one with the highest hash first."""

    def rank(example: Example) -> bytes:
        pair = f"{target.prompt_id}\0{example.example_id}"
        return blake2b(pair.encode(), digest_size=8).digest()

    return sorted(pool, key=rank, reverse=True)


def _is_target(example: Example, target: Target, cfg: DedupeSettings) -> bool:
    """Tell whether an example gives the target's answer away: its own, or that of a twin.

    These are twins as dedupe proves them, and texts of any length that differ only in case,
    width, outer punctuation and white space.
    """
    if example.example_id.startswith(f"{target.prompt_id}-"):
        return True
    same = said(example.prompt) == said(target.prompt)
    return same or are_twins(example.prompt, target.prompt, cfg) is not None
