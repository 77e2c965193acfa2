"""Tags that the strong model gave before: what was bought once is not bought again."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl

from schemas import ddl
from schemas.task_types import UNKNOWN, TaskTypes
from tasks.adapters import store
from tasks.tagging.tag import Tag


def stored_tags(
    keys: Iterable[str], types: TaskTypes, warehouse: Path, *, retry_failed: bool = False
) -> dict[str, Tag]:
    """Return, by tag_key, what is known of `keys` from any day, under today's labels.

    A label that the list has no more and that no alias leads to is asked about again. So is an
    unknown one where the list has kinds that it had not, because one of them may fit, or when a
    run is told to ask again what failed.
    """
    wanted = pl.DataFrame({"tag_key": list(keys)}, schema={"tag_key": pl.String})
    with store.reading(warehouse) as con, store.registered(con, wanted, "wanted"):
        rows = store.frame(con, ddl.query("known_tags")).to_dicts()
    labels = {row["tag_key"]: _label(row, types, retry_failed) for row in rows}
    return {row["tag_key"]: _tag(row, label) for row in rows if (label := labels[row["tag_key"]])}


def _label(row: dict[str, Any], types: TaskTypes, retry_failed: bool) -> str | None:
    if row["label"] != UNKNOWN:
        return types.resolve(row["label"])
    same_choice = row["taxonomy_version"] == types.version or not _news(row["labels"], types)
    return UNKNOWN if same_choice and not retry_failed else None


def _news(labels: str | None, types: TaskTypes) -> set[str]:
    """Return the kinds that a former list, as JSON, did not have under any name."""
    former = {types.resolve(label) for label in json.loads(labels or "[]")}
    return set(types.labels) - former


def _tag(row: dict[str, Any], label: str) -> Tag:
    return Tag(
        label, row["tagger"], row["confidence"], row["reason"], row["tag_key"], row["call_key"]
    )
