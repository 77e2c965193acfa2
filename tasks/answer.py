"""Ask the strong model to answer every unique prompt."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from schemas import contracts
from schemas.answer_settings import AnswerSettings
from schemas.batch import Batch
from schemas.conversation import Message
from schemas.errors import ModelError
from schemas.run import Run
from schemas.stages import BY_NAME
from schemas.task_types import TaskTypes, load
from tasks.adapters import calls
from tasks.call_progress import progress_of_calls
from tasks.checks.reasoning import split_reasoning
from tasks.stage import Outcome, Work, run_stage, stage_task
from tasks.templates import template


@stage_task(name="answer")
def answer(prompts: Batch, run: Run) -> Batch:
    """Write the strong model's answers to the day's unique prompts to `answers`."""

    def think(work: Work) -> Outcome:
        types = load(run.cfg.task_types)
        return answer_prompts(unanswered(work), types, prompts.warehouse, run)

    return run_stage(BY_NAME["answer"], prompts, run, think)


def answer_prompts(prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run) -> Outcome:
    """Buy `answer.samples` answers to every prompt, or find them in the store.

    Raises:
        ModelError: there are prompts and no strong model.
    """
    if prompts.height and not run.cfg.llm.is_set:
        raise ModelError(
            "no strong model is set. Set [llm] base_url and model in flywheel.toml; "
            "`flywheel demo-teacher` serves a scripted one to try things out."
        )
    rows: list[dict[str, Any]] = []
    pending, message = 0, None
    for row, sample, name, reply in _ask(prompts, types, warehouse, run):
        if reply.pending:
            pending, message = pending + 1, reply.pending
        else:
            rows.append(_row(row, sample, name, reply))
    return Outcome(contracts.frame("answers", rows), pending, message)


def request(messages: list[Message], name: str, sample: int, cfg: AnswerSettings) -> calls.Request:
    """Ask for an answer to the last of `messages`, under the template called `name`.

    A logged system prompt follows the template's text, in one system message.
    """
    logged = [m["content"] for m in messages if m["role"] == "system"]
    system = "\n\n".join([template(name), *logged])
    said = [_sent(m) for m in messages if m["role"] != "system"]
    return calls.Request(
        purpose="answer",
        messages=[{"role": "system", "content": system}, *said],
        params={"temperature": cfg.temperature, "max_tokens": cfg.max_tokens},
        sample=sample,
    )


def template_for(area: str, kind: str, types: TaskTypes) -> str:
    """Return the name of the template for a task type; unknown ones get the long style."""
    is_short = f"{area}/{kind}" in types.short
    return f"answer_{'short' if is_short else 'long'}.v1"


def unanswered(work: Work) -> pl.DataFrame:
    """Return the prompts that have fewer samples than others; a cap left them without some."""
    counts = work.carried.group_by("prompt_id").len()
    whole = counts.filter(pl.col("len") == pl.col("len").max())
    return work.rows.join(whole, on="prompt_id", how="anti", maintain_order="left")


def units_of(
    prompts: pl.DataFrame, types: TaskTypes, cfg: AnswerSettings
) -> list[tuple[dict[str, Any], int, str]]:
    """Return every answer to ask for, as (prompt, sample, template), in order."""
    return [
        (row, sample, template_for(row["area"], row["kind"], types))
        for row in prompts.to_dicts()
        for sample in range(cfg.samples)
    ]


def _ask(
    prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run
) -> Iterator[tuple[dict[str, Any], int, str, calls.Reply]]:
    cfg = run.cfg.answer
    units = units_of(prompts, types, cfg)
    requests = (request(row["messages"], name, sample, cfg) for row, sample, name in units)
    with progress_of_calls("answer", len(units)) as watch:
        for unit, reply in zip(units, calls.ask(warehouse, run, requests, watch), strict=True):
            yield *unit, reply


def _row(row: dict[str, Any], sample: int, name: str, reply: calls.Reply) -> dict[str, Any]:
    text, thought = split_reasoning(reply.text or "")
    thoughts = [part for part in (reply.reasoning, thought) if part]
    return {
        "day": row["day"],
        "answer_id": f"{row['prompt_id']}-{sample}",
        "prompt_id": row["prompt_id"],
        "sample": sample,
        "area": row["area"],
        "kind": row["kind"],
        "answer": None if reply.error else text,
        "reasoning": "\n\n".join(thoughts) or None,
        "origin": "model",
        "model": reply.model,
        "finish_reason": reply.finish_reason,
        "prompt_tokens": reply.prompt_tokens,
        "answer_tokens": reply.answer_tokens,
        "cost_usd": reply.cost_usd,
        "template_version": name,
        "few_shot_ids": [],
        "call_key": reply.call_key,
        "failed": reply.error,
        "input_hash": row["input_hash"],
    }


def _sent(message: Message) -> dict[str, Any]:
    """Return a logged message as the chat completions API takes it: text only.

    The tools of the logged request are not offered again, so a call made then is shown as text.
    """
    role = "user" if message["role"] == "tool" else message["role"]
    said = [message["content"], message["tool_calls"] or ""]
    return {"role": role, "content": "\n".join(part for part in said if part)}
