"""The ledger of stage runs: what is done, what is stale, and why."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.stages import BY_NAME, STAGES, Stage, writer_of
from tasks.adapters import store
from tasks.fingerprint import code_version, settings_hash

Status = Literal["complete", "partial", "failed"]
# `stale` that does not make every row anew
UPSTREAM = "chats changed"  # of what stands behind pull; says nothing of a stage's own rows
VOTES = "votes changed"  # of the answers that are taken from the log


@dataclass(frozen=True, slots=True)
class StageRun:
    """One row of `stage_runs`."""

    stage: str
    day: date
    run_id: str
    status: Status
    rows_in: int = 0
    kept: int = 0
    dropped: int = 0
    quarantined: int = 0
    pending: int = 0
    fingerprint: str = ""
    settings: str | None = None
    code_version: str = ""
    inputs: str = ""
    outputs: str = ""
    stale: str | None = None
    message: str | None = None
    seconds: float = 0.0
    finished_at: datetime = datetime.min

    @property
    def is_outdated(self) -> bool:
        """Whether rows must be made anew although their own inputs are the same."""
        return self.stale not in (None, UPSTREAM, VOTES)


def last_run(ledger: pl.DataFrame, stage: Stage) -> StageRun | None:
    """Return the latest run of `stage` among the `stage_runs` rows of one day."""
    found = ledger.filter(pl.col("stage") == stage.name).to_dicts()
    return StageRun(**found[0]) if found else None


def runs(warehouse: Path, day: date | None = None) -> pl.DataFrame:
    """Return the rows of `stage_runs`, of one day or of all."""
    where = "" if day is None else "WHERE day = $day"
    params = {} if day is None else {"day": day}
    return store.select(warehouse, f"FROM stage_runs {where} ORDER BY day, stage", **params)


def write(con: store.Connection, run: StageRun) -> None:
    """Make `run` the latest run of its stage and day, within the transaction of its rows."""
    row: dict[str, Any] = asdict(replace(run, finished_at=store.now()))
    store.delete_where(con, "stage_runs", stage=run.stage, day=run.day)
    store.insert(con, "stage_runs", contracts.frame("stage_runs", [row]))


def record_failure(warehouse: Path, run: StageRun) -> None:
    """Mark the stage as failed and leave everything else about its last good run as it was."""
    with store.writing(warehouse) as con:
        before = store.frame(
            con, "FROM stage_runs WHERE stage = $stage AND day = $day", stage=run.stage, day=run.day
        ).to_dicts()
        known = StageRun(**before[0]) if before else run
        write(con, replace(known, run_id=run.run_id, status="failed", message=run.message))


def mark_later(con: store.Connection, day: date) -> None:
    """Let the stages after pull show that the chats of their day have changed."""
    con.execute(
        "UPDATE stage_runs SET stale = $why WHERE day = $day AND stage <> 'pull' AND stale IS NULL",
        {"why": UPSTREAM, "day": day},
    )


def mark_voted(con: store.Connection, days: Collection[date], run: Run) -> None:
    """Let answer run again over days whose votes have changed, where its settings have not."""
    stage = BY_NAME["answer"]
    con.execute(
        "UPDATE stage_runs SET stale = $why WHERE stage = $stage AND day IN (SELECT unnest($days)) "
        "AND fingerprint = $fingerprint",
        {
            **{"why": VOTES, "stage": stage.name, "days": list(days)},
            "fingerprint": settings_hash(stage, run.cfg),
        },
    )


def has_settings_of_now(run: Run, stage: Stage, day: date) -> bool:
    """Return whether the rows of a day were made with today's settings."""
    last = last_run(runs(run.cfg.warehouse, day), stage)
    return last is not None and last.fingerprint == settings_hash(stage, run.cfg)


def unmark(warehouse: Path, run: StageRun) -> None:
    """Let a stage show that the change of its day's chats did not reach it."""
    if run.stale == UPSTREAM:
        with store.writing(warehouse) as con:
            con.execute(
                "UPDATE stage_runs SET stale = NULL WHERE stage = $stage AND day = $day",
                {"stage": run.stage, "day": run.day},
            )


def inputs_of(ledger: pl.DataFrame, stage: Stage) -> str:
    """Return what `stage` reads, as `stage=outputs` of every stage that writes it.

    `ledger` holds the `stage_runs` rows of one day. The view `conservation` reads this text.
    """
    outputs = dict(ledger.select("stage", "outputs").iter_rows())
    return " ".join(f"{name}={outputs.get(name, '')}" for name in writers(stage))


def writers(stage: Stage) -> list[str]:
    """Return the names of the stages whose tables `stage` reads."""
    return sorted({writer_of(table).name for table in stage.reads})


def settings_changed(last: StageRun, stage: Stage, run: Run) -> str | None:
    """Say which of settings and code differ from the ones the rows were made with."""
    changed = []
    if last.fingerprint != settings_hash(stage, run.cfg):
        changed.append("settings")
    if last.code_version != code_version(stage):
        changed.append("code")
    return " and ".join(changed) + " changed" if changed else None


def why_run(last: StageRun | None, inputs: str, *, forced: bool) -> str | None:
    """Say why a stage must run over a day; None when its rows are up to date.

    Changed settings or code are no reason: they reach past days only when forced.
    """
    if last is None:
        return "never run"
    if forced:
        return "forced"
    if last.status != "complete":
        return last.status
    if last.inputs != inputs:
        return "inputs changed"
    return last.stale if last.stale != UPSTREAM else None


def stale_stages(ledger: pl.DataFrame, run: Run) -> pl.DataFrame:
    """Return every (day, stage) that a run would do, or that `--force` would change.

    Returns:
        day, stage, inputs (why the next run does it, or null), settings (what changed since,
        which only --force or --restage picks up, or null)
    """
    rows = []
    for day, of_day in sorted(ledger.partition_by("day", as_dict=True).items()):
        for stage in STAGES[1:]:
            known = last_run(of_day, stage)
            why = why_run(known, inputs_of(of_day, stage), forced=False)
            since = settings_changed(known, stage, run) if known else None
            if why or since:
                rows.append({"day": day[0], "stage": stage.name, "inputs": why, "settings": since})
    columns = {"day": pl.Date, "stage": pl.String, "inputs": pl.String, "settings": pl.String}
    return pl.DataFrame(rows, schema=columns)


def days_to_do(run: Run, first: date, last: date) -> Iterator[Batch]:
    """Yield the chats of each day to run, oldest first, looking anew after each one.

    These are the days from `first` to `last`, and days up to `late_days` beyond them that were
    run before and whose inputs have changed since: late records, or an earlier day whose change
    concerns them. Dependencies only point forward, so one sweep settles them all.
    """
    window = timedelta(days=run.cfg.pull.late_days)
    done: date | None = None
    while True:
        ledger = runs(run.cfg.warehouse)
        pulled = ledger.filter(pl.col("stage") == "pull")
        asked = {first, last} if first == last else set(pulled["day"].to_list())
        asked = {day for day in asked if first <= day <= last}
        late = {day for day in changed_days(ledger, run) if first - window <= day <= last + window}
        ahead = sorted(day for day in asked | late if done is None or day > done)
        if not ahead:
            return
        done = ahead[0]
        kept = pulled.filter(pl.col("day") == done)["kept"]
        yield Batch(warehouse=run.cfg.warehouse, table="chats", day=done, rows=kept.sum())


def changed_days(ledger: pl.DataFrame, run: Run) -> set[date]:
    """Return the days that were run before and whose inputs have changed since."""
    stale = stale_stages(ledger, run).filter(pl.col("inputs").is_in(_NOT_INPUTS).not_())
    return set(stale["day"].to_list())


_NOT_INPUTS = ("never run", "partial", "failed")  # left to whoever asks for that day
