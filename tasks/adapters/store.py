"""The one door to DuckDB: short transactions, one day of one table at a time.

DuckDB admits one process per file while it is written, so every access opens the warehouse
under a lock, does its reading or writing, and closes it. Nothing here is held across a model
call or a computation, and nothing else may open, copy or hash the live file.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from schemas import contracts, ddl
from schemas.batch import Batch
from schemas.errors import ContractBroken, StoreError
from tasks.adapters import shape
from tasks.adapters.locks import locked

Connection = duckdb.DuckDBPyConnection
DuckDBError = duckdb.Error

# nothing calls out unasked: no extension is fetched or loaded from outside; SQL sees no variables
_CONFIG: dict[str, Any] = {
    "python_enable_replacements": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
# A checkpoint merges small row groups in memory, up to this size; DuckDB's own 122,880 rows take
# 450 MB more, and 3 s under the lock (benchmarks/pull.py). A multiple of its vectors of 2,048.
_TO_WRITE, _TO_READ = "ROW_GROUP_SIZE 30720", "READ_ONLY"
_ATTACH = "ATTACH {} AS store ({}); USE store"
# Engines that have no file open, by process: a fork has none of their threads. To make one takes
# 20 ms, two thirds of an access.
_at_rest: dict[int, list[Connection]] = {}
_MAX_AT_REST = 2


def prepare(warehouse: Path) -> None:
    """Make the warehouse ready: folders, migrations, new tables, current views and comments.

    Raises:
        MigrationChanged: a migration that this store has seen was edited afterwards.
        StoreError: the store was made by a newer version of the flywheel.
    """
    warehouse.parent.mkdir(parents=True, exist_ok=True)
    warehouse.parent.chmod(0o711)  # analysts pass through to published/, whatever the umask
    if warehouse.exists() and _is_ready(warehouse):
        return
    with writing(warehouse) as con:
        shape.give(con, now())


def _is_ready(warehouse: Path) -> bool:
    """Look before the lock of a writer is taken: nearly always there is nothing to do."""
    with reading(warehouse) as con:
        return shape.is_given(con)


@contextmanager
def writing(warehouse: Path, timeout_s: float = 120.0) -> Iterator[Connection]:
    """Open the warehouse for one short transaction: all of it is kept, or nothing."""
    with (
        locked(lock_of(warehouse), timeout_s=timeout_s),
        private_files(),
        _opened(warehouse, _TO_WRITE) as con,
    ):
        con.begin()
        try:
            yield con
        except BaseException:
            con.rollback()
            raise
        con.commit()


@contextmanager
def reading(warehouse: Path, timeout_s: float = 120.0) -> Iterator[Connection]:
    """Open the warehouse to read one consistent state of it.

    Raises:
        StoreError: there is no warehouse yet.
    """
    _must_exist(warehouse)
    with (
        locked(lock_of(warehouse), shared=True, timeout_s=timeout_s),
        _opened(warehouse, _TO_READ) as con,
    ):
        yield con


@contextmanager
def attached(warehouse: Path, fresh: Path) -> Iterator[Connection]:
    """Open a new file to write, with the warehouse beside it to read as `warehouse`.

    Raises:
        StoreError: there is no warehouse yet.
    """
    _must_exist(warehouse)
    with locked(lock_of(warehouse), shared=True), private_files():
        con = connect(fresh)
        try:
            con.execute(f"ATTACH {ddl.quoted(str(warehouse))} AS warehouse (READ_ONLY)")
            con.begin()  # or each of the many comments would be a commit
            yield con
            con.commit()
            con.execute("DETACH warehouse")
        finally:
            con.close()


@contextmanager
def snapshot(published: Path) -> Iterator[Connection]:
    """Open a published file to read it; it never changes, so it needs no lock."""
    con = connect(published, read_only=True)
    try:
        yield con
    finally:
        con.close()


def connect(path: Path | str = ":memory:", *, read_only: bool = False) -> Connection:
    """Open a DuckDB file that calls nobody and binds no Python variable by accident."""
    with _told(path):
        if read_only:  # straight: an ATTACH, which only writing needs, takes a third longer
            return duckdb.connect(path, read_only=True, config=_CONFIG)
        con = duckdb.connect(config=_CONFIG)
        con.execute(_ATTACH.format(ddl.quoted(str(path)), _TO_WRITE))
    return con


@contextmanager
def _opened(warehouse: Path, options: str) -> Iterator[Connection]:
    """Attach the warehouse to an engine for one access, and let go of the file.

    After an error the engine goes too: who knows what it still holds.
    """
    engine = _engine(warehouse)
    try:
        with engine.cursor() as con:
            with _told(warehouse):
                con.execute(_ATTACH.format(ddl.quoted(str(warehouse)), options))
            yield con
        engine.execute("DETACH store")
    except BaseException:
        engine.close()
        raise
    at_rest = _at_rest.setdefault(os.getpid(), [])
    at_rest.append(engine)
    if len(at_rest) > _MAX_AT_REST:
        at_rest.pop().close()


def _engine(warehouse: Path) -> Connection:
    """Return an engine that spills beside the warehouse: one at rest, else a new one."""
    spill = f"{warehouse}.tmp"
    with suppress(KeyError, IndexError, duckdb.NotImplementedException):  # it has spilled before
        engine = _at_rest[os.getpid()].pop()
        engine.execute(f"SET temp_directory = {ddl.quoted(spill)}")
        return engine
    return duckdb.connect(config=_CONFIG | {"temp_directory": spill})


@contextmanager
def _told(path: Path | str) -> Iterator[None]:
    try:
        yield
    except duckdb.IOException as error:
        raise StoreError(f"cannot open {path}: {str(error).splitlines()[0]}") from error


def read(batch: Batch) -> pl.DataFrame:
    """Return the rows of `batch`, in the order of their ids; columns as in a new store."""
    columns = ", ".join(f'"{name}"' for name in contracts.schema(batch.table))
    whole = f"SELECT {columns} FROM {batch.table} WHERE day = $day ORDER BY ALL"
    return select(batch.warehouse, whole, day=batch.day)


def query(warehouse: Path, name: str, **params: object) -> pl.DataFrame:
    """Return what `schemas/queries/<name>.sql` selects."""
    return select(warehouse, ddl.query(name), **params)


def select(warehouse: Path, sql: str, **params: object) -> pl.DataFrame:
    """Return what `sql` selects, with named `$parameters`."""
    with reading(warehouse) as con:
        return frame(con, sql, **params)


def empty(table: str) -> pl.DataFrame:
    """Return no rows of `table`."""
    return contracts.frame(table, [])


def frame(con: Connection, sql: str, **params: object) -> pl.DataFrame:
    """Return what `sql` selects within an open transaction; no rows when it selects nothing."""
    # `con.sql` copies what a query with parameters selects, which takes ten times as long
    selected = con.execute(sql, params) if params else con.sql(sql)
    return pl.DataFrame() if selected is None else selected.pl()


def replace(con: Connection, table: str, day: date, rows: pl.DataFrame, **partition: str) -> None:
    """Make `rows` the only rows of `day` in `table`, within an open transaction.

    Raises:
        ContractBroken: the frame does not fit the table, or has rows of another day; the rows
            of the day are as they were.
    """
    where = {"day": day, **partition}
    checked = contracts.check(table, rows)
    elsewhere = checked.filter(pl.any_horizontal(pl.col(n).ne_missing(v) for n, v in where.items()))
    if elsewhere.height:
        wanted = ", ".join(f"{name} {value}" for name, value in where.items())
        raise ContractBroken(f"{table}: {elsewhere.height} rows are not of {wanted}.")
    delete_where(con, table, **where)
    _append(con, table, checked)


def delete_where(con: Connection, table: str, **where: object) -> None:
    """Delete the rows of `table` whose columns equal `where`."""
    test = " AND ".join(f"{name} = ${name}" for name in where)
    con.execute(f"DELETE FROM {table} WHERE {test}", where)


def insert(con: Connection, table: str, rows: pl.DataFrame) -> None:
    """Append `rows` to `table` after checking its contract."""
    _append(con, table, contracts.check(table, rows))


def upsert(con: Connection, table: str, rows: pl.DataFrame, key: str) -> None:
    """Append `rows`, taking the place of rows with the same `key`."""
    checked = contracts.check(table, rows)
    with registered(con, checked.select(key)) as name:
        con.execute(f"DELETE FROM {table} WHERE {key} IN (SELECT {key} FROM {name})")
    _append(con, table, checked)


def insert_absent(con: Connection, table: str, rows: pl.DataFrame, key: str) -> None:
    """Append those `rows` whose `key` the table does not have."""
    checked = contracts.check(table, rows.unique(key, keep="first", maintain_order=True))
    with registered(con, checked) as name:
        con.execute(f"INSERT INTO {table} BY NAME FROM {name} ANTI JOIN {table} USING ({key})")


@contextmanager
def registered(con: Connection, rows: pl.DataFrame, name: str = "incoming") -> Iterator[str]:
    """Let SQL see a frame under `name`.

    It is copied into a temporary table: DuckDB 1.5 pushes filters into a frame through pyarrow,
    and a UBIGINT over 2^63 overflows there.
    """
    with _seen(con, rows) as frame:
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {frame}")
    yield name
    con.execute(f"DROP TABLE temp.{name}")  # after an error the rollback does it


def now() -> datetime:
    """Return the time as the store keeps it: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


@contextmanager
def _seen(con: Connection, rows: pl.DataFrame) -> Iterator[str]:
    """Let SQL read a frame once, without a copy: DuckDB would keep one until the commit."""
    con.register("frame", rows.__arrow_c_stream__(None))  # by way of pyarrow it warns on stderr
    yield "frame"
    con.unregister("frame")  # after an error the engine goes


def _append(con: Connection, table: str, checked: pl.DataFrame) -> None:
    with _seen(con, checked) as name:
        con.execute(f"INSERT INTO {table} BY NAME FROM {name}")


def _must_exist(warehouse: Path) -> None:
    if not warehouse.exists():
        raise StoreError(
            f"no warehouse at {warehouse}. `flywheel run` or `flywheel pull` makes it."
        )


def lock_of(warehouse: Path) -> Path:
    """Return the file whose lock guards the warehouse."""
    return warehouse.with_name(warehouse.name + ".lock")


@contextmanager
def private_files() -> Iterator[None]:
    """Let DuckDB make its file and its WAL readable by their owner only."""
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
