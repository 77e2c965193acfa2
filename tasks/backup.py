"""A copy of the warehouse to go back to, and the end of journal segments that it makes needless."""

from dataclasses import dataclass
from pathlib import Path

from tasks.adapters import journal, store
from tasks.adapters.disk import to_disk
from tasks.adapters.locks import locked

_PREFIX = "warehouse-"


@dataclass(frozen=True, slots=True)
class Backup:
    """What was written and what was deleted."""

    path: Path
    segments: int  # journal segments deleted: the copy holds all that they hold
    backups: int  # older backups deleted


def back_up(warehouse: Path, keep: int) -> Backup:
    """Copy the warehouse into `backups/` beside it, and keep the newest `keep` copies.

    The copy is one consistent state, taken while nobody writes. Segments that were loaded before
    it began are deleted once it is safe on disk; later ones stay, so that what was bought since
    the newest backup is never in one place only.

    Raises:
        StoreError: there is no warehouse yet.
    """
    folder = warehouse.parent / "backups"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with locked(warehouse.parent / "locks" / "backup.lock"):
        settled = journal.loaded(warehouse.parent / "journal")
        for leftover in folder.glob("*.partial*"):  # of a copy that was killed
            leftover.unlink()
        path = folder / f"{_PREFIX}{store.now():%Y%m%dT%H%M%S%f}.duckdb"
        fresh = path.with_suffix(".partial")
        with store.attached(warehouse, fresh) as con:
            con.execute("COPY FROM DATABASE warehouse TO store")
        to_disk(fresh)
        fresh.rename(path)
        to_disk(folder)
        for segment in settled:
            segment.unlink(missing_ok=True)
        others = sorted(set(folder.glob(f"{_PREFIX}*.duckdb")) - {path})  # of any date
        older = others[: len(others) + 1 - keep]
        for each in older:
            each.unlink()
        return Backup(path, len(settled), len(older))
