"""A day as a run would leave it, worked out stage by stage while the store stays as it is."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date

import polars as pl

from schemas import contracts, ddl
from schemas.batch import Batch
from schemas.run import Run
from schemas.stages import Stage
from tasks import ledger
from tasks.adapters import store
from tasks.fingerprint import rows_hash
from tasks.stage import Work, foresee


@dataclass(slots=True)
class Imagined:
    """One day: what the store has of it, and the tables that would differ.

    known    its `stage_runs`, with the outputs that its stages would have
    changed  its rows of the tables that would be written
    """

    run: Run
    day: date
    known: pl.DataFrame
    changed: dict[str, pl.DataFrame] = field(default_factory=dict)

    def work(self, stage: Stage) -> Work | None:
        """Return what `stage` would have to do; None: nothing."""
        return foresee(stage, self.day, self.run, self.known, lambda: self._inputs(stage))

    def last_run(self, stage: Stage) -> ledger.StageRun | None:
        """Return the latest run of `stage` that there was in fact."""
        return ledger.last_run(self.known, stage)

    def stored(self, table: str) -> pl.DataFrame:
        """Return the rows that the store has of the day."""
        whole = Batch(warehouse=self.run.cfg.warehouse, table=table, day=self.day, rows=0)
        return store.read(whole)

    def write(self, stage: Stage, rows: pl.DataFrame) -> None:
        """Let `rows` be the day's rows of the table that `stage` writes."""
        table = stage.writes[0]
        self.changed[table] = contracts.check(table, rows)
        is_it = pl.col("stage") == stage.name
        outputs = pl.when(is_it).then(pl.lit(rows_hash(self.changed[table]))).otherwise("outputs")
        self.known = self.known.with_columns(outputs=outputs)

    def _inputs(self, stage: Stage) -> pl.DataFrame:
        """Return what the query of `stage` selects; temporary tables go before those stored."""
        with store.reading(self.run.cfg.warehouse) as con, ExitStack() as stack:
            for table in self.changed.keys() & set(stage.reads):
                stack.enter_context(store.registered(con, self.changed[table], table))
            return store.frame(con, ddl.query(stage.name), day=self.day)
