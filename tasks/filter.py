"""Turn chats into prompts, and mark the prompts that the rules reject."""

import polars as pl

from schemas.batch import Batch
from schemas.filter_settings import FilterSettings
from schemas.run import Run
from schemas.stages import BY_NAME
from tasks.judge import judge
from tasks.stage import Outcome, Work, run_stage, stage_task


@stage_task(name="filter")
def filter_prompts(chats: Batch, run: Run) -> Batch:
    """Write every user turn of the day to `prompts`, with its `drop_reason`."""

    def think(work: Work) -> Outcome:
        return Outcome(filtered(work, run.cfg.filter))

    return run_stage(BY_NAME["filter"], chats, run, think)


def filtered(work: Work, cfg: FilterSettings) -> pl.DataFrame:
    """Return the prompts of the chats to do."""
    judged = judge(work.rows, cfg)  # all: a repeat is told by the others
    return judged.join(work.todo, on="chat_id", how="semi", maintain_order="left")
