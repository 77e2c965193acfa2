"""Which versions of a dataset may go: never one that a model has learned from."""

from pathlib import Path

import polars as pl

from schemas.errors import Refused
from tasks.adapters import store
from tasks.datasets import versions


def remove(warehouse: Path, version: str) -> str:
    """Delete a version with its rows and drops; return the sha256 that it had.

    Raises:
        NotFound: there is no such version.
        Refused: a model was trained on it, or is being trained on it.
    """
    with store.writing(warehouse) as con:
        about = versions.find(con, version)
        users = store.frame(con, _USERS).filter(pl.col("dataset_version") == version)
        if users.height:
            raise Refused(
                f"dataset {version!r} stays: {', '.join(users['user'])} learned from it. "
                "Nothing was removed."
            )
        _delete(con, version)
    return str(about["sha256"])


def prune(warehouse: Path, keep: int, *, dry_run: bool) -> pl.DataFrame:
    """Delete the versions beyond the newest `keep` that no model has learned from.

    Returns:
        dataset_version, created_at, rows_in, and `stays`: why it does, null where it does not
    """
    with store.reading(warehouse) if dry_run else store.writing(warehouse) as con:
        found = mark(store.frame(con, _VERSIONS), store.frame(con, _USERS), keep)
        if not dry_run:
            for version in found.filter(pl.col("stays").is_null())["dataset_version"]:
                _delete(con, version)
    return found


def mark(found: pl.DataFrame, users: pl.DataFrame, keep: int) -> pl.DataFrame:
    """Add `stays`: why a version does, null where it may go.

    Args:
        found: `dataset_version` and what else is known of versions, newest first.
        users: `dataset_version` and `user`, who has learned from it.
        keep: how many of the newest stay, whoever learned from them.
    """
    named = users.group_by("dataset_version").agg(pl.col("user").sort().str.join(", "))
    newest = pl.int_range(pl.len()) < keep
    why = pl.when(newest).then(pl.lit(f"among the newest {keep}")).otherwise("user")
    marked = found.join(named, on="dataset_version", how="left", maintain_order="left")
    return marked.with_columns(stays=why).drop("user")


def _delete(con: store.Connection, version: str) -> None:
    for table in ("sft_rows", "dataset_drops", "dataset_versions"):
        store.delete_where(con, table, dataset_version=version)


_VERSIONS = """
SELECT dataset_version, created_at, rows_in FROM dataset_versions
ORDER BY created_at DESC, dataset_version DESC
"""
# A run that failed has made no model; one that was killed is still `running`, and goes on.
_USERS = """
SELECT dataset_version, 'model ' || model_id AS "user" FROM models
WHERE dataset_version IS NOT NULL
UNION
SELECT t.dataset_version, 'run ' || t.run_id || ' (' || t.status || ')'
FROM training_runs t ANTI JOIN models m USING (run_id) WHERE t.status <> 'failed'
ORDER BY ALL
"""
