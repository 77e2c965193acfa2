"""Write the warehouse anew, so that no byte of a row that is gone stays in its file.

DuckDB frees the blocks of what was changed or deleted and overwrites them some time later.
"""

import os
from pathlib import Path

from schemas import ddl
from tasks.adapters import shape, store
from tasks.adapters.locks import locked


def compact(warehouse: Path) -> None:
    """Copy every row into a new file that takes the place of the old one in one step."""
    fresh = warehouse.with_name(f".{warehouse.name}.new")
    with locked(store.lock_of(warehouse)), store.private_files():
        fresh.unlink(missing_ok=True)
        store.connect(warehouse).close()  # takes in what a kill has left in its WAL
        con = store.connect(fresh)
        try:
            con.execute(f"ATTACH {ddl.quoted(str(warehouse))} AS old (READ_ONLY)")
            con.begin()
            _copy(con)
            con.commit()
            con.execute("DETACH old")
        finally:
            con.close()
        os.replace(fresh, warehouse)


def _copy(con: store.Connection) -> None:
    con.execute(ddl.migrations()[0].sql)  # the table of migrations itself
    for table in ddl.tables().values():
        shape.create_table(con, table)
    for name in (*ddl.tables(), "migrations"):
        con.execute(f"INSERT INTO {name} BY NAME FROM old.{name}")
    shape.create_views(con)
