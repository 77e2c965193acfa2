"""Check every answer by rules; a defect keeps it out of training."""

import polars as pl

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import CheckSettings
from schemas.stages import BY_NAME
from schemas.task_types import TaskTypes, load
from tasks.checks import apply_checks
from tasks.stage import Outcome, Work, run_stage, stage_task


@stage_task(name="check")
def check(answers: Batch, run: Run) -> Batch:
    """Write every answer of the day to `checked_answers`, with its defects."""

    def think(work: Work) -> Outcome:
        return Outcome(find_defects(work.todo, run.cfg.check, load(run.cfg.task_types)))

    return run_stage(BY_NAME["check"], answers, run, think)


def find_defects(answers: pl.DataFrame, cfg: CheckSettings, types: TaskTypes) -> pl.DataFrame:
    """Return one row per answer with the names of the checks that fired, none when it is good."""
    checked = apply_checks(answers, cfg, types).with_columns(version=pl.lit(0, dtype=pl.Int32))
    return checked.select(list(contracts.schema("checked_answers")))
