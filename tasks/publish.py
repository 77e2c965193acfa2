"""Copy the warehouse, private columns left out, to the file that analysts open."""

import os
from pathlib import Path
from shutil import rmtree

from schemas import ddl
from schemas.run import Run
from tasks.adapters import shape, store
from tasks.adapters.disk import to_disk
from tasks.adapters.locks import locked
from tasks.stage import stage_task


@stage_task(name="publish")
def publish(run: Run) -> Path:
    """Publish what is in the warehouse now; readers of the old file keep their state of it."""
    return publish_now(run.cfg.warehouse, run.cfg.published)


def publish_now(warehouse: Path, published: Path) -> Path:
    """Write the published file beside its old one, then take its place in one step."""
    published.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    published.parent.chmod(0o755)
    fresh = published.with_name(f".{published.name}.new")
    with locked(warehouse.parent / "locks" / "publish.lock"):
        _sweep(fresh)
        _copy(warehouse, fresh)
        to_disk(fresh)
        fresh.chmod(0o444)
        _wal(published).unlink(missing_ok=True)
        os.replace(fresh, published)
        to_disk(published.parent)
    return published


def _copy(warehouse: Path, fresh: Path) -> None:
    with store.attached(warehouse, fresh) as con:
        for table in ddl.tables().values():
            columns = ", ".join(f'"{name}"' for name in table.public)
            con.execute(
                f"CREATE TABLE {table.name} AS SELECT {columns} FROM warehouse.{table.name}"
            )
            shape.comment_on(con, table, table.public)
        shape.create_views(con)


def _sweep(fresh: Path) -> None:
    """Remove what a publish that was killed has left: its file, its WAL, its spilled rows."""
    for leftover in (fresh, _wal(fresh)):
        leftover.unlink(missing_ok=True)
    rmtree(fresh.with_name(fresh.name + ".tmp"), ignore_errors=True)


def _wal(path: Path) -> Path:
    return path.with_name(path.name + ".wal")
