"""Check every answer by rules; a defect that one repair does not mend keeps it out of training."""

from dataclasses import replace

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.stages import BY_NAME
from schemas.task_types import load
from tasks.backfit import backfitted
from tasks.checks import apply_checks
from tasks.repair import repaired
from tasks.stage import Outcome, Work, run_stage, stage_task


@stage_task(name="check")
def check(answers: Batch, run: Run) -> Batch:
    """Write every answer of the day to `checked_answers`, with its defects and what mended them."""

    def think(work: Work) -> Outcome:
        types = load(run.cfg.task_types)
        checked = apply_checks(work.todo, run.cfg.check, types)
        done = repaired(checked, types, answers.warehouse, run)
        rows = backfitted(done.rows, run.cfg.check, types)
        return replace(done, rows=rows.select(list(contracts.schema("checked_answers"))))

    return run_stage(BY_NAME["check"], answers, run, think)
