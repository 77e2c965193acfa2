"""Rows of the store by id, many at once."""

from typing import Any

import polars as pl

from tasks.adapters import store

Row = dict[str, Any]


def stored(con: store.Connection, table: str, rows: list[Row], key: str) -> list[Row]:
    """Return those rows of `table` whose `key` one of `rows` has.

    By row number, so that DuckDB reads only the keys of all rows, not everything of them.
    """
    found = f"SELECT {table}.rowid FROM {table} SEMI JOIN wanted USING ({key})"
    with store.registered(con, _ids(rows, key), "wanted"):
        return store.frame(con, f"FROM {table} WHERE rowid IN ({found})").to_dicts()


def delete(con: store.Connection, table: str, rows: list[Row], key: str) -> None:
    """Delete those rows of `table` whose `key` one of `rows` has."""
    with store.registered(con, _ids(rows, key), "unwanted"):
        con.execute(f"DELETE FROM {table} WHERE {key} IN (FROM unwanted)")


def _ids(rows: list[Row], key: str) -> pl.DataFrame:
    return pl.DataFrame({key: [row[key] for row in rows]}, {key: pl.String}).unique()
