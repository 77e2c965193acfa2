"""Answer every unique prompt: the strong model does, or production did."""

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
from tasks.answering.logged import NO_VOTE, Taken, follow_votes, from_the_log
from tasks.answering.style import Styles
from tasks.answering.units import Unit, units_of
from tasks.checks.reasoning import split_reasoning
from tasks.stage import Outcome, Work, run_stage, stage_task


@stage_task(name="answer")
def answer(prompts: Batch, run: Run) -> Batch:
    """Write an answer to each of the day's unique prompts to `answers`."""

    def think(work: Work) -> Outcome:
        types = load(run.cfg.task_types)
        todo = unanswered(work, Styles(run.cfg, types), run)
        return answer_prompts(todo, types, prompts.warehouse, run)

    return run_stage(BY_NAME["answer"], prompts, run, think)


def answer_prompts(prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run) -> Outcome:
    """Buy every sample of an answer to every prompt, or find it in the store or the log.

    Raises:
        ModelError: there are prompts and no model to ask.
        SettingsError: a task type, an endpoint or a template that does not exist.
    """
    taken, left = from_the_log(prompts, Styles(run.cfg, types), run)
    rows = [_logged_row(each) for each in taken]
    pending, message = 0, None
    for unit, reply in replies(units_of(left, types, warehouse, run), warehouse, run):
        if reply.pending:
            pending, message = pending + 1, reply.pending
        else:
            rows.append(_row(unit, reply))
    return Outcome(contracts.frame("answers", rows), pending, message)


def unanswered(work: Work, styles: Styles, run: Run) -> pl.DataFrame:
    """Return the prompts without an answer, and those whose answers may be others or too few.

    A cap left some with fewer samples than others of their task type; what is taken from the log
    goes by today's votes.
    """
    of_kind = ["area", "kind"]
    stays = work.carried.filter(~follow_votes(work.carried, styles, run))
    logged = stays.filter(pl.col("origin") == "logged")
    counts = stays.filter(pl.col("origin") != "logged").group_by("prompt_id", *of_kind).len()
    whole = counts.filter(pl.col("len") == pl.col("len").max().over(of_kind))
    done = pl.concat([whole.select("prompt_id"), logged.select("prompt_id")])
    return work.rows.join(done, on="prompt_id", how="anti", maintain_order="left")


def _row(unit: Unit, reply: Reply) -> dict[str, Any]:
    text, thought = _split(reply.text or "", unit.row)
    thoughts = [part for part in (reply.reasoning, thought) if part]
    return _unit(unit.row, unit.sample) | {
        "answer": None if reply.error else text,
        "reasoning": "\n\n".join(thoughts) or None,
        "origin": "model",
        "model": reply.model,
        "logged_for": None,
        "finish_reason": reply.finish_reason,
        "prompt_tokens": reply.prompt_tokens,
        "answer_tokens": reply.answer_tokens,
        "cost_usd": reply.cost_usd,
        "template_version": unit.style.template,
        "few_shot_ids": [example.example_id for example in unit.shown.examples],
        "pool_version": unit.shown.pool_version,
        "call_key": reply.call_key,
        "failed": reply.error,
    }


def _logged_row(taken: Taken) -> dict[str, Any]:
    """Return the answer of the log, read like any other; it costs nothing."""
    text, thought = _split(taken.answer or "", taken.row)
    unknown = ("finish_reason", "prompt_tokens", "answer_tokens", "template_version")
    return _unit(taken.row, 0) | {
        "answer": None if taken.answer is None else text,
        "reasoning": thought,
        "origin": "logged",
        "model": taken.model,
        "logged_for": taken.logged_for,
        "cost_usd": 0.0,
        "few_shot_ids": [],
        "pool_version": None,
        "call_key": None,
        "failed": NO_VOTE if taken.answer is None else None,
        **dict.fromkeys(unknown),
    }


def _unit(prompt: dict[str, Any], sample: int) -> dict[str, Any]:
    same = ("day", "prompt_id", "area", "kind", "input_hash")
    id_ = f"{prompt['prompt_id']}-{sample}"
    return {name: prompt[name] for name in same} | {"answer_id": id_, "sample": sample}


def _split(text: str, prompt: dict[str, Any]) -> tuple[str, str | None]:
    return split_reasoning(text, prompt["messages"][-1]["content"] or "")
