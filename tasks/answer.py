"""Ask the strong model to answer every unique prompt."""

from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.stages import BY_NAME
from schemas.task_types import TaskTypes, load
from tasks.adapters.calls import Reply
from tasks.answering.ask import replies
from tasks.answering.units import Unit, units_of
from tasks.checks.reasoning import split_reasoning
from tasks.stage import Outcome, Work, run_stage, stage_task


@stage_task(name="answer")
def answer(prompts: Batch, run: Run) -> Batch:
    """Write the strong model's answers to the day's unique prompts to `answers`."""

    def think(work: Work) -> Outcome:
        types = load(run.cfg.task_types)
        return answer_prompts(unanswered(work), types, prompts.warehouse, run)

    return run_stage(BY_NAME["answer"], prompts, run, think)


def answer_prompts(prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run) -> Outcome:
    """Buy every sample of an answer to every prompt, or find it in the store.

    Raises:
        ModelError: there are prompts and no model to ask.
        SettingsError: a task type, an endpoint or a template that does not exist.
    """
    rows: list[dict[str, Any]] = []
    pending, message = 0, None
    for unit, reply in replies(units_of(prompts, types, warehouse, run), warehouse, run):
        if reply.pending:
            pending, message = pending + 1, reply.pending
        else:
            rows.append(_row(unit, reply))
    return Outcome(contracts.frame("answers", rows), pending, message)


def unanswered(work: Work) -> pl.DataFrame:
    """Return the prompts that have fewer samples than others of their task type.

    A cap left them without some.
    """
    of_kind = ["area", "kind"]
    counts = work.carried.group_by("prompt_id", *of_kind).len()
    whole = counts.filter(pl.col("len") == pl.col("len").max().over(of_kind))
    return work.rows.join(whole, on="prompt_id", how="anti", maintain_order="left")


def _row(unit: Unit, reply: Reply) -> dict[str, Any]:
    prompt = unit.row
    text, thought = split_reasoning(reply.text or "", prompt["messages"][-1]["content"] or "")
    thoughts = [part for part in (reply.reasoning, thought) if part]
    return {
        "day": prompt["day"],
        "answer_id": f"{prompt['prompt_id']}-{unit.sample}",
        "prompt_id": prompt["prompt_id"],
        "sample": unit.sample,
        "area": prompt["area"],
        "kind": prompt["kind"],
        "answer": None if reply.error else text,
        "reasoning": "\n\n".join(thoughts) or None,
        "origin": "model",
        "model": reply.model,
        "finish_reason": reply.finish_reason,
        "prompt_tokens": reply.prompt_tokens,
        "answer_tokens": reply.answer_tokens,
        "cost_usd": reply.cost_usd,
        "template_version": unit.style.template,
        "few_shot_ids": [example.example_id for example in unit.shown.examples],
        "pool_version": unit.shown.pool_version,
        "call_key": reply.call_key,
        "failed": reply.error,
        "input_hash": prompt["input_hash"],
    }
