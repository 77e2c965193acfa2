"""Turn chats into prompts, and mark the prompts that the rules reject."""

from schemas.batch import Batch
from schemas.run import Run
from schemas.stages import BY_NAME
from tasks.judge import judge
from tasks.stage import Outcome, Work, run_stage, stage_task


@stage_task(name="filter")
def filter_prompts(chats: Batch, run: Run) -> Batch:
    """Write every user turn of the day to `prompts`, with its `drop_reason`."""

    def think(work: Work) -> Outcome:
        judged = judge(work.rows, run.cfg.filter)  # all: a repeat is told by the others
        return Outcome(judged.join(work.todo, on="chat_id", how="semi", maintain_order="left"))

    return run_stage(BY_NAME["filter"], chats, run, think)
