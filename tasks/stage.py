"""How every stage runs over a day: skip, read, think, write, record.

A stage gives a pure function from `Work` to `Outcome`. Everything around it is the same for all:
a day whose inputs have not changed is skipped; a day whose settings or code have changed since
keeps the rows whose inputs are the same; rows and ledger are written in one transaction; a
failure leaves the day as it was.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE

from schemas import contracts
from schemas.batch import Batch
from schemas.errors import FlywheelError, StageFailed
from schemas.run import Run
from schemas.stages import Stage
from tasks import ledger
from tasks.adapters import store
from tasks.adapters.locks import locked
from tasks.announce import announce
from tasks.fingerprint import code_version, row_hashes, rows_hash, settings_hash
from tasks.ledger import StageRun

log = logging.getLogger("flywheel.stage")

# Prefect's cache and results stay out of it: the ledger says what is done, the store has the rows
stage_task = partial(task, cache_policy=NO_CACHE, persist_result=False)
DAY_S = 24 * 3600.0  # another run may be buying this very day: wait for it


@dataclass(frozen=True, slots=True)
class Work:
    """What a stage has to do for a day.

    rows     every input row of the day, in order, with its `input_hash`
    carried  output rows of an earlier run that stay as they are
    """

    stage: Stage
    day: date
    rows: pl.DataFrame
    carried: pl.DataFrame

    @property
    def todo(self) -> pl.DataFrame:
        """Input rows that need an output, in order."""
        return self.rows.join(self.carried, on=self.stage.key, how="anti", maintain_order="left")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a stage made of its work.

    rows     output rows of `work.todo`; a row of `work.carried` made anew takes its place
    pending  units that could not be done yet, and why
    also     what else to write in the same transaction: called with the day's final rows
             while the store still has the old ones
    """

    rows: pl.DataFrame
    pending: int = 0
    message: str | None = None
    also: Callable[[store.Connection, pl.DataFrame], None] = field(default=lambda _con, _rows: None)


def run_stage(stage: Stage, upstream: Batch, run: Run, think: Callable[[Work], Outcome]) -> Batch:
    """Bring the rows of `stage` up to date for the day of `upstream`.

    Raises:
        StageFailed: the stage could not finish; the day is as it was before.
    """
    warehouse, day = upstream.warehouse, upstream.day
    if run.only and stage.name not in run.only:
        return Batch(warehouse=warehouse, table=stage.writes[0], day=day, rows=0)
    with locked(_lock(warehouse, stage, day), timeout_s=DAY_S):
        known = ledger.runs(warehouse, day)
        last = ledger.last_run(known, stage)
        inputs = ledger.inputs_of(known, stage)
        why = ledger.why_run(last, inputs, forced=stage.name in run.restage)
        if why is None and last is not None:
            log.info("%s %s: up to date (%d rows)", day, stage.name, last.kept)
            return _receipt(warehouse, stage, day, last)
        begun = _begin(stage, day, run, inputs)
        with _failure_recorded(warehouse, begun):
            done = _do(begun, stage, upstream, _carry(last, begun, stage, run), think)
    announce(done, _reasons(store.read(_receipt(warehouse, stage, day, done)), stage))
    return _receipt(warehouse, stage, day, done)


def _do(
    begun: StageRun, stage: Stage, upstream: Batch, carry: bool, think: Callable[[Work], Outcome]
) -> StageRun:
    clock = time.monotonic()
    warehouse, day = upstream.warehouse, upstream.day
    rows = store.query(warehouse, stage.name, day=day)
    rows = rows.with_columns(row_hashes(rows))
    work = Work(stage, day, rows, _carried(warehouse, stage, day, rows, carry))
    outcome = think(work)
    final = _merged(stage, work.carried, outcome.rows)
    dropped = _reasons(final, stage).drop_nulls().len()
    with store.writing(warehouse) as con:
        done = replace(
            begun,
            status=_status(con, stage, day, outcome.pending),
            rows_in=final.height + outcome.pending,
            kept=final.height - dropped,
            dropped=dropped,
            pending=outcome.pending,
            outputs=rows_hash(final),
            message=outcome.message,
            seconds=time.monotonic() - clock,
        )
        outcome.also(con, final)
        store.replace(con, stage.writes[0], day, final)
        ledger.write(con, done)
    return done


def _begin(stage: Stage, day: date, run: Run, inputs: str) -> StageRun:
    return StageRun(
        stage=stage.name,
        day=day,
        run_id=run.run_id,
        status="complete",
        fingerprint=settings_hash(stage, run.cfg),
        code_version=code_version(stage),
        inputs=inputs,
    )


def _carry(last: StageRun | None, begun: StageRun, stage: Stage, run: Run) -> bool:
    """Whether rows with unchanged inputs stay as they are.

    With the same settings and code they would come out the same; with others they must not
    change unless somebody asks for it, or a neighbour they were compared with has changed.
    """
    if last is None or last.stale or stage.name in run.restage:
        return False
    made_with = last.fingerprint, last.code_version
    return made_with != (begun.fingerprint, begun.code_version)


def _carried(
    warehouse: Path, stage: Stage, day: date, rows: pl.DataFrame, carry: bool
) -> pl.DataFrame:
    table = stage.writes[0]
    if not carry:
        return contracts.frame(table, [])
    before = store.read(Batch(warehouse=warehouse, table=table, day=day, rows=0))
    same = rows.select(stage.key, "input_hash")
    return before.join(same, on=[stage.key, "input_hash"], how="semi", maintain_order="left")


def _merged(stage: Stage, carried: pl.DataFrame, made: pl.DataFrame) -> pl.DataFrame:
    stays = carried.join(made, on=stage.key, how="anti", maintain_order="left")
    return pl.concat([stays, contracts.check(stage.writes[0], made)])


def _reasons(rows: pl.DataFrame, stage: Stage) -> pl.Series:
    """Return why each row stops at this stage; null where it goes on."""
    if not stage.drop:
        return pl.Series(stage.name, [None] * rows.height, dtype=pl.String)
    reasons = rows[stage.drop]
    return reasons.list.first() if isinstance(reasons.dtype, pl.List) else reasons


def _status(con: store.Connection, stage: Stage, day: date, pending: int) -> str:
    """Call a stage partial when it has rows to do, or was given only a part of its day."""
    writers = ledger.writers(stage)
    above = store.frame(con, "SELECT stage, status FROM stage_runs WHERE day = $day", day=day)
    partial = above.filter(pl.col("stage").is_in(writers), pl.col("status") == "partial")
    return "partial" if pending or partial.height else "complete"


@contextmanager
def _failure_recorded(warehouse: Path, begun: StageRun) -> Iterator[None]:
    """Write a failed row when the stage stops; give the way on when the user can mend it."""
    try:
        yield
    except FlywheelError as error:
        ledger.record_failure(warehouse, replace(begun, status="failed", message=str(error)))
        raise StageFailed(
            f"{begun.stage} stopped on {begun.day}: {error} The tables of that day are as they "
            f"were. Then go on with: flywheel run --day {begun.day}"
        ) from error
    except Exception as error:
        ledger.record_failure(warehouse, replace(begun, status="failed", message=repr(type(error))))
        raise


def _lock(warehouse: Path, stage: Stage, day: date) -> Path:
    scope = stage.name if stage.alone else f"{stage.name}-{day}"
    return warehouse.parent / "locks" / f"{scope}.lock"


def _receipt(warehouse: Path, stage: Stage, day: date, done: StageRun) -> Batch:
    return Batch(warehouse=warehouse, table=stage.writes[0], day=day, rows=done.kept)
