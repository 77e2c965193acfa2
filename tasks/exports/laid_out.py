"""The rows of an export in their order, in a file of their own: the warehouse is held briefly."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from schemas import ddl
from schemas.settings import DedupeSettings
from tasks.adapters import store
from tasks.datasets.leaks import Leaks, Turns

_BATCH = 4_096  # rows in memory at once, a few MB of chats
_SORTS_IN = "2GB"  # of memory; what is more waits on disk, beside the export
_COPY = "COPY ({}) TO {} (FORMAT parquet, ROW_GROUP_SIZE 4096, COMPRESSION zstd)"

Raw = dict[str, Any]


def lay_out(
    con: store.Connection, query: str, version: str, places: Mapping[str, Path], **order: Any
) -> None:
    """Write the rows that `schemas/queries/<query>.sql` selects, one file per split.

    Args:
        con: the warehouse, read only.
        query: which rows.
        version: of which dataset.
        places: split -> file to write.
        order: `seed` of the order, `once` when copies are not repeated.
    """
    spill = next(iter(places.values())).parent / "spill"
    con.execute(f"SET memory_limit = '{_SORTS_IN}'")
    con.execute(f"SET temp_directory = {ddl.quoted(str(spill))}")
    con.execute(f"CREATE TEMP TABLE chosen AS {ddl.query(query)}", {"version": version})
    for split, path in places.items():
        copy = _COPY.format(ddl.query("export_order"), ddl.quoted(str(path)))
        con.execute(copy, {"split": split, **order})
    con.execute("DROP TABLE chosen; RESET memory_limit")  # the engine is used again


def rows_in(path: Path, exams: Mapping[str, Turns], twins: DedupeSettings) -> Iterator[Raw]:
    """Yield rows one by one; those with a prompt of `exams` are refused as `leak`."""
    leaks = Leaks(exams, twins)
    for batch in pq.ParquetFile(path).iter_batches(_BATCH):
        rows = pl.DataFrame(batch)
        yield from (_without_leaks(rows, leaks) if exams else rows).iter_rows(named=True)


def _without_leaks(rows: pl.DataFrame, leaks: Leaks) -> pl.DataFrame:
    match = leaks.mark(rows.select(messages="prompt"))["match"]
    refused = pl.when(match.is_not_null()).then(pl.lit("leak")).otherwise("refused")
    return rows.with_columns(refused=refused)
