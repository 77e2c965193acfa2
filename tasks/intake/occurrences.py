"""Give log records their ids: the same bytes, the n-th time, in whichever file they stand now."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import count

import polars as pl

from tasks.adapters import store
from tasks.intake.by_id import Row, delete, stored
from tasks.intake.ids import hashed
from tasks.intake.manifest import NewBytes
from tasks.sources.sql import PREFIX


def release(con: store.Connection, files: list[NewBytes]) -> set[date]:
    """Prepare for reading `files`: what is read again must not count as another occurrence.

    Last lines that were being written go. Files to be read from the start give up their places:
    records that they still have take them again under their old ids. All do so before the first
    one is read, because a rotated log may be read before the one that took over its name.

    Returns:
        The days that lost a record.
    """
    torn = stored(con, "records", [{"record_id": file.torn} for file in files], "record_id")
    delete(con, "records", torn, "record_id")
    delete(con, "quarantine", torn, "record_id")
    again = [{"source": f.source.name, "path": f.shown} for f in files if not f.offset]
    names = {"source": pl.String, "path": pl.String}
    with store.registered(con, pl.DataFrame(again, names), "again"):
        con.execute(
            "UPDATE records SET path = '' FROM again "
            "WHERE records.source = again.source AND records.path = again.path"
        )
    return {row["day"] for row in torn}


def name_records(con: store.Connection, rows: list[Row], file: NewBytes) -> None:
    """Set the `record_id` of each row: its digest and which occurrence of it this is.

    Occurrences that stand in a file now are taken; those of a file that is gone, or was rewritten,
    are free: a rotated log holds the same records under another name.
    """
    held = stored(con, "records", rows, "digest")
    there = {path for path in {row["path"] for row in held} if _stands(path, file)}
    taken = {row["record_id"] for row in held if row["path"] in there}
    occurrences: defaultdict[str, Iterator[int]] = defaultdict(partial(count, 1))
    for row in rows:
        ids = (hashed(row["digest"], nth) for nth in occurrences[row["digest"]])
        row["record_id"] = next(id_ for id_ in ids if id_ not in taken)


def _stands(path: str, file: NewBytes) -> bool:
    """Tell whether a file is there now; one shown without its private values must be listed.

    What a query gave for another day stands too, also while it is not asked for.
    """
    if path.startswith(PREFIX):
        return True
    return bool(path) and (path in file.beside or (file.root / path).exists())
