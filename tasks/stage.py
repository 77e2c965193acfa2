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
from pathlib import Path
from typing import ParamSpec, TypeVar

import polars as pl
from prefect import Task
from prefect.cache_policies import NO_CACHE

from schemas import contracts, ddl
from schemas.batch import Batch
from schemas.errors import FlywheelError, StageFailed
from schemas.run import Run
from schemas.stages import STAGES, Stage
from tasks import ledger
from tasks.adapters import store
from tasks.adapters.locks import locked
from tasks.announce import announce
from tasks.fingerprint import code_version, row_hashes, rows_hash, settings_hash, settings_text
from tasks.ledger import StageRun, Status

log = logging.getLogger("flywheel.stage")

P = ParamSpec("P")
R = TypeVar("R")

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

    def stays(self, made: pl.DataFrame) -> pl.DataFrame:
        """Return the carried rows whose place none of the `made` ones takes."""
        return self.carried.join(made, on=self.stage.key, how="anti", maintain_order="left")


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


def stage_task(name: str) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a Prefect task without its cache and results: the ledger and the store have them."""

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        return Task(function, name=name, cache_policy=NO_CACHE, persist_result=False)

    return decorate


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
            ledger.unmark(warehouse, last)
            return _receipt(warehouse, stage, day, last)
        begun = _begin(stage, day, run)
        with _failure_recorded(warehouse, begun, run):
            base = _base(last, begun, stage, run)
            done, reasons = _do(begun, stage, upstream, base, think)
    announce(done, reasons)
    return _receipt(warehouse, stage, day, done)


def foresee(
    stage: Stage, day: date, run: Run, known: pl.DataFrame, read: Callable[[], pl.DataFrame]
) -> Work | None:
    """Return what `run_stage` would have to do, without doing any of it; None: nothing.

    Args:
        stage: which one.
        day: UTC day.
        run: settings, and what is to be made anew.
        known: `stage_runs` of the day, as they will be when the stage's turn comes.
        read: gives its input rows, as they will be then.
    """
    last, forced = ledger.last_run(known, stage), stage.name in run.restage
    if run.only and stage.name not in run.only:
        return None
    if ledger.why_run(last, ledger.inputs_of(known, stage), forced=forced) is None:
        return None
    given = read()
    rows = given.with_columns(row_hashes(given))
    base = _base(last, _begin(stage, day, run), stage, run)
    return Work(stage, day, rows, _carried(run.cfg.warehouse, stage, day, rows, base))


def _do(
    begun: StageRun,
    stage: Stage,
    upstream: Batch,
    base: StageRun | None,
    think: Callable[[Work], Outcome],
) -> tuple[StageRun, pl.Series]:
    clock = time.monotonic()
    warehouse, day = upstream.warehouse, upstream.day
    rows, inputs = _read(warehouse, stage, day)
    work = Work(stage, day, rows, _carried(warehouse, stage, day, rows, base))
    outcome = think(work)
    made = contracts.check(stage.writes[0], outcome.rows)
    stays = work.stays(made)
    final = pl.concat([stays, made])
    units = _units(final, stage.key)
    reasons = _reasons(units, stage)
    dropped = reasons.drop_nulls().len()
    outputs = rows_hash(final)  # before the lock: nobody waits for it
    with store.writing(warehouse) as con:
        done = replace(
            _made_with(begun, base, stays, made),
            status=_status(con, stage, day, outcome.pending),
            inputs=inputs,
            rows_in=units.height + outcome.pending,
            kept=units.height - dropped,
            dropped=dropped,
            pending=outcome.pending,
            outputs=outputs,
            message=outcome.message,
            seconds=time.monotonic() - clock,
        )
        outcome.also(con, final)
        store.replace(con, stage.writes[0], day, final)
        ledger.write(con, done)
    return done, reasons


def _begin(stage: Stage, day: date, run: Run) -> StageRun:
    return StageRun(
        stage=stage.name,
        day=day,
        run_id=run.run_id,
        status="complete",
        fingerprint=settings_hash(stage, run.cfg),
        settings=settings_text(stage, run.cfg),
        code_version=code_version(stage),
    )


def _read(warehouse: Path, stage: Stage, day: date) -> tuple[pl.DataFrame, str]:
    """Return the input rows of a day and the ledger's name for them, from one state of the store.

    Read apart, a stage before this one could be written in between, and written back later.
    """
    with store.reading(warehouse) as con:
        rows = store.frame(con, ddl.query(stage.name), day=day)
        known = store.frame(con, "FROM stage_runs WHERE day = $day", day=day)
    return rows.with_columns(row_hashes(rows)), ledger.inputs_of(known, stage)


def _base(last: StageRun | None, begun: StageRun, stage: Stage, run: Run) -> StageRun | None:
    """Return the run whose rows stay as they are where their inputs are unchanged; None: all anew.

    With the same settings and code they would come out the same; with others they must not
    change unless somebody asks for it, or a neighbour they were compared with has changed.
    """
    if last is None or last.is_outdated or stage.name in run.restage:
        return None
    made_with = last.fingerprint, last.code_version
    return last if made_with != (begun.fingerprint, begun.code_version) else None


def _carried(
    warehouse: Path, stage: Stage, day: date, rows: pl.DataFrame, base: StageRun | None
) -> pl.DataFrame:
    table = stage.writes[0]
    if base is None:
        return store.empty(table)
    before = store.read(Batch(warehouse=warehouse, table=table, day=day, rows=0))
    same = rows.select(stage.key, "input_hash")
    return before.join(same, on=[stage.key, "input_hash"], how="semi", maintain_order="left")


def _made_with(
    begun: StageRun, base: StageRun | None, stays: pl.DataFrame, made: pl.DataFrame
) -> StageRun:
    """Say which settings and code made the rows of the day.

    Rows of two kinds are `mixed`, which equals neither: such a day shows as changed until it is
    restaged, and its older rows are never taken for ones that the newer settings made.
    """
    if base is None or stays.is_empty():
        return begun
    if made.is_empty():
        return replace(
            begun,
            fingerprint=base.fingerprint,
            settings=base.settings,
            code_version=base.code_version,
        )
    same = base.fingerprint == begun.fingerprint
    return replace(
        begun,
        fingerprint=begun.fingerprint if same else "mixed",
        settings=begun.settings if same else None,
        code_version=begun.code_version if base.code_version == begun.code_version else "mixed",
    )


def _units(rows: pl.DataFrame, key: str) -> pl.DataFrame:
    """Return one row for each unit: of several versions of one, the latest."""
    return rows.sort("version").unique(key, keep="last") if "version" in rows.columns else rows


def _reasons(rows: pl.DataFrame, stage: Stage) -> pl.Series:
    """Return why each row stops at this stage; null where it goes on."""
    if not stage.drop:
        return pl.Series(stage.name, [None] * rows.height, dtype=pl.String)
    reasons = rows[stage.drop]
    return reasons.list.first() if isinstance(reasons.dtype, pl.List) else reasons


def _status(con: store.Connection, stage: Stage, day: date, pending: int) -> Status:
    """Call a stage partial when it has rows to do, or was given only a part of its day."""
    writers = ledger.writers(stage)
    above = store.frame(con, "SELECT stage, status FROM stage_runs WHERE day = $day", day=day)
    unfinished = above.filter(pl.col("stage").is_in(writers), pl.col("status") != "complete")
    return "partial" if pending or unfinished.height else "complete"


@contextmanager
def _failure_recorded(warehouse: Path, begun: StageRun, run: Run) -> Iterator[None]:
    """Write a failed row when the stage stops; give the way on when the user can mend it."""
    try:
        yield
    except FlywheelError as error:
        ledger.record_failure(warehouse, replace(begun, status="failed", message=str(error)))
        raise StageFailed(
            f"{begun.stage} stopped on {begun.day}: {error} The tables of that day are as they "
            f"were. Then go on with: flywheel run --day {begun.day}{_still_to_restage(begun, run)}"
        ) from error
    except Exception as error:
        # its text may hold what users said, and analysts read this table
        said = f"a bug: {type(error).__name__}"
        ledger.record_failure(warehouse, replace(begun, status="failed", message=said))
        raise


def _still_to_restage(begun: StageRun, run: Run) -> str:
    names = [stage.name for stage in STAGES]
    left = names[names.index(begun.stage) :]
    return "".join(f" --restage {name}" for name in left if name in run.restage)


def _lock(warehouse: Path, stage: Stage, day: date) -> Path:
    scope = stage.name if stage.alone else f"{stage.name}-{day}"
    return warehouse.parent / "locks" / f"{scope}.lock"


def _receipt(warehouse: Path, stage: Stage, day: date, done: StageRun) -> Batch:
    return Batch(warehouse=warehouse, table=stage.writes[0], day=day, rows=done.kept)
