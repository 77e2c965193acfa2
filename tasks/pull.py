"""Read what is new in the logs, and merge it into the days it belongs to."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import date

import polars as pl

from schemas import ddl
from schemas.batch import Batch
from schemas.errors import Vanished
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.stages import BY_NAME
from tasks import ledger
from tasks.adapters import store
from tasks.adapters.locks import locked
from tasks.announce import announce, show
from tasks.answering.logged import mark_votes
from tasks.fingerprint import code_version, settings_hash, settings_text
from tasks.intake.days import Asked, days_to_ask
from tasks.intake.manifest import NewBytes, known_files, new_bytes
from tasks.intake.merge import merge, remember, unsettle
from tasks.intake.occurrences import release
from tasks.intake.read import read_file
from tasks.intake.votes import join_votes
from tasks.ledger import StageRun
from tasks.progress import progress
from tasks.redaction.rules import Rules, rules_of
from tasks.sources import SOURCES
from tasks.stage import DAY_S, stage_task

log = logging.getLogger("flywheel.stage")
STAGE = BY_NAME["pull"]
_OUTPUTS = "SELECT outputs FROM stage_runs WHERE stage = 'pull' AND day = $day"


@stage_task(name="pull")
def pull(day: date, run: Run, first: date | None = None) -> Batch:
    """Read every new byte of every source, and return the receipt for the chats of `day`.

    Databases are asked for the days from `first` to `day`; unset, for those since the last pull
    and for the `late_days` before.

    Raises:
        SourceError: a source names no files, or one that cannot be read.
    """
    warehouse = run.cfg.warehouse
    pull_new(run, first, day)
    chats = store.select(warehouse, "SELECT count(*) AS n FROM chats WHERE day = $day", day=day)
    return Batch(warehouse=warehouse, table="chats", day=day, rows=chats.item())


def pull_new(run: Run, first: date | None = None, last: date | None = None) -> list[date]:
    """Merge what is new into the store; return the days that were touched, oldest first.

    Args:
        run: whose sources are read.
        first: UTC day from which databases are asked; unset: from where the last pull ended.
        last: UTC day up to which; unset: today.
    """
    warehouse, begun = run.cfg.warehouse, time.monotonic()
    with locked(warehouse.parent / "locks" / "pull.lock", timeout_s=DAY_S):
        _read_new(run, Asked(last or store.now().date(), first, run.cfg.pull.late_days))
        return settle(run, begun)


def settle(run: Run, begun: float) -> list[date]:
    """Join votes and write the ledger rows of days whose chats have changed; return these days."""
    with store.writing(run.cfg.warehouse) as con:
        join_votes(con)
        votes = store.frame(con, ddl.query("vote_counts"))
        days = store.frame(con, ddl.query("unsettled_days"))["day"].to_list()
    for day in days:
        with store.writing(run.cfg.warehouse) as con:  # one day of chats in memory at a time
            done = _settle(con, day, run, time.monotonic() - begun)
        announce(done, pl.Series("reason", ["merged"] * done.dropped, dtype=pl.String))
    with store.writing(run.cfg.warehouse) as con:  # now that days show that their chats changed
        mark_votes(con, run)
    if votes.height:
        counts = ", ".join(f"{n} {status}" for status, n in votes.iter_rows())
        show("votes", votes, f"votes: {counts}")
    return days


def _read_new(run: Run, asked: Asked) -> None:
    warehouse = run.cfg.warehouse
    rules = rules_of(run.cfg)
    files = list(changed_files(run.cfg, known_files(warehouse), asked, rules))
    with store.writing(warehouse) as con:
        unsettle(con, release(con, files))
    with progress("pull", sum(file.size - file.offset for file in files)) as advance:
        for file in files:
            try:
                _pull_file(file, run, rules, advance)
            except Vanished as gone:
                log.warning("%s", gone)


def changed_files(
    cfg: FlywheelSettings, known: pl.DataFrame, asked: Asked, rules: Rules
) -> Iterable[NewBytes]:
    """Return every file, and every day of a query, of every source that has something new."""
    for source in cfg.sources:
        there = SOURCES[source.kind](source, days_to_ask(source, known, asked))
        yield from new_bytes(source, there, known, cfg.root, rules)


def _pull_file(file: NewBytes, run: Run, rules: Rules, advance: Callable[[int, str], None]) -> None:
    warehouse, today = run.cfg.warehouse, store.now().date()
    read_to = file.offset
    for part in read_file(file, run.cfg.pull.max_record_bytes, rules):
        with store.writing(warehouse) as con:
            unsettle(con, merge(con, part, today))
            remember(con, part)
        advance(part.read_to - read_to, file.shown)
        read_to = part.read_to


def _settle(con: store.Connection, day: date, run: Run, seconds: float) -> StageRun:
    """Write the ledger row of a touched day: its counts, and the hash of its chats."""
    counts = store.frame(con, ddl.query("pull_counts"), day=day).to_dicts()[0]
    done = StageRun(
        stage=STAGE.name,
        day=day,
        run_id=run.run_id,
        status="complete",
        **counts,
        fingerprint=settings_hash(STAGE, run.cfg),
        settings=settings_text(STAGE, run.cfg),
        code_version=code_version(STAGE),
        outputs=store.frame(con, ddl.query("chats_hash"), day=day).item(),
        seconds=seconds,
    )
    before = store.frame(con, _OUTPUTS, day=day)["outputs"].to_list()
    if before not in ([], [done.outputs]):
        ledger.mark_later(con, day)
    ledger.write(con, done)
    return done
