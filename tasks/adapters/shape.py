"""The shape of a store: its tables, views and comments, and how an older store gets them."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from schemas import ddl
from schemas.errors import MigrationChanged, StoreError

if TYPE_CHECKING:
    from tasks.adapters.store import Connection

# A sequence that counts nothing: its comment is no row and no relation that an analyst would see
_STAMP = "CREATE SEQUENCE IF NOT EXISTS shape; COMMENT ON SEQUENCE shape IS"


def give(con: Connection, now: datetime) -> None:
    """Run the migrations that the store has not seen, then make it like a new one.

    Raises:
        MigrationChanged: a migration that this store has seen was edited afterwards.
        StoreError: the store was made by a newer version of the flywheel.
    """
    _migrate(con, now)
    for table in ddl.tables().values():
        create_table(con, table)
    create_views(con)
    con.execute(f"{_STAMP} {ddl.quoted(_sha256())}")


def is_given(con: Connection) -> bool:
    """Whether the store was last given its shape by these very .sql files, and lacks nothing."""
    made_from = con.execute(
        "SELECT comment FROM duckdb_sequences() WHERE sequence_name = 'shape'"
    ).fetchone()
    has = con.execute(
        "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views()"
    ).fetchall()
    wanted = {*ddl.tables(), *(view.name for view in ddl.views())}
    return made_from == (_sha256(),) and wanted <= {name for (name,) in has}


def create_views(con: Connection) -> None:
    """Create or replace every view with its comments."""
    for view in ddl.views():
        con.execute(view.sql)


def create_table(con: Connection, table: ddl.Table) -> None:
    """Create `table`, if the store does not have it, and bring its comments up to date."""
    con.execute(table.sql)
    comment_on(con, table, tuple(column.name for column in table.columns))


def comment_on(con: Connection, table: ddl.Table, columns: tuple[str, ...]) -> None:
    """Attach the comments of the .sql file to the table and its `columns`."""
    said = [f"COMMENT ON TABLE {table.name} IS {ddl.quoted(table.comment)}"]
    said += [
        f'COMMENT ON COLUMN {table.name}."{column.name}" IS {ddl.quoted(column.comment)}'
        for column in table.columns
        if column.name in columns
    ]
    con.execute(";".join(said))  # one by one takes twice as long


def _sha256() -> str:
    texts = [migration.sql for migration in ddl.migrations()]
    texts += [table.sql for table in ddl.tables().values()]
    texts += [view.sql for view in ddl.views()]
    return sha256("\0".join(texts).encode()).hexdigest()


def _migrate(con: Connection, now: datetime) -> None:
    applied = _applied(con)
    for migration in ddl.migrations():
        if migration.version in applied:
            if applied[migration.version] != migration.sha256:
                raise MigrationChanged(
                    f"schemas/migrations/{migration.name}.sql was edited after this store had "
                    "applied it. Restore the file, and put the change in a new migration."
                )
        else:
            if applied or migration.version == 1:  # a new store gets today's tables, no history
                con.execute(migration.sql)
            row = [migration.version, migration.name, migration.sha256, now]
            con.execute("INSERT INTO migrations VALUES (?, ?, ?, ?)", row)
    newest = max(migration.version for migration in ddl.migrations())
    if applied and max(applied) > newest:
        raise StoreError(
            f"this store has seen migration {max(applied)}, this flywheel knows {newest}. "
            "Upgrade the flywheel; an older one must not write here."
        )


def _applied(con: Connection) -> dict[int, str]:
    known = con.execute("SELECT 1 FROM duckdb_tables() WHERE table_name = 'migrations'").fetchall()
    if not known:
        return {}
    return dict(con.execute("SELECT version, sha256 FROM migrations").fetchall())
