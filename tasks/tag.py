"""Give every kept prompt its task type: keyword rules first, then the strong model."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from schemas import contracts
from schemas.batch import Batch
from schemas.conversation import Message
from schemas.replies import TagReply, tag_format
from schemas.run import Run
from schemas.stages import BY_NAME
from schemas.task_types import UNKNOWN, TaskTypes, load
from tasks.adapters import calls
from tasks.keywords import by_keywords
from tasks.progress import progress_of_replies
from tasks.stage import Outcome, Work, run_stage, stage_task
from tasks.templates import template

TEMPLATE = "tag.v1"


@stage_task(name="tag")
def tag(prompts: Batch, run: Run) -> Batch:
    """Write the task type of every kept prompt of the day to `tagged_prompts`."""

    def think(work: Work) -> Outcome:
        return tag_prompts(work.todo, load(run.cfg.task_types), prompts.warehouse, run)

    return run_stage(BY_NAME["tag"], prompts, run, think)


def tag_prompts(prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run) -> Outcome:
    """Tag by keywords, ask the strong model about the rest, and call what is left unknown.

    Without a model, or with `tag.use_model = false`, the rest is unknown at once.
    """
    ruled = prompts.join(by_keywords(prompts, types), on="prompt_id", maintain_order="left")
    sure = ruled.filter(pl.col("kind").is_not_null())
    rest = ruled.filter(pl.col("kind").is_null())
    tagged = [_row(row, row["area"], row["kind"], "keywords", types) for row in sure.to_dicts()]
    if not (calls.configured(run.cfg) and run.cfg.tag.use_model):
        area, kind = UNKNOWN.split("/")
        tagged += [_row(row, area, kind, "none", types) for row in rest.to_dicts()]
        return Outcome(contracts.frame("tagged_prompts", tagged))
    pending, message = 0, None
    for row, reply in _ask(rest, types, warehouse, run):
        if reply.pending:
            pending, message = pending + 1, reply.pending
        else:
            tagged.append(_from_reply(row, reply, types))
    return Outcome(contracts.frame("tagged_prompts", tagged), pending, message)


def request(messages: list[Message], types: TaskTypes, max_chars: int) -> calls.Request:
    """Ask for the task type of the last of `messages`, fenced as data."""
    labels = [*types.labels, UNKNOWN]
    listed = "\n".join(f"{label}: {types.kinds[label].description}" for label in types.labels)
    before = "\n".join(
        f"{m['role']}: {m['content']}" for m in messages[:-1] if m["role"] != "system"
    )
    context = f"<context>\n{_fenced(before[-max_chars:])}\n</context>\n" if before else ""
    prompt = f"<prompt>\n{_fenced(messages[-1]['content'][:max_chars])}\n</prompt>"
    return calls.Request(
        purpose="tag",
        messages=[
            {"role": "system", "content": f"{template(TEMPLATE)}\n{listed}"},
            {"role": "user", "content": context + prompt},
        ],
        params={"temperature": 0, "max_tokens": 256, "response_format": tag_format(labels)},
    )


def _ask(
    prompts: pl.DataFrame, types: TaskTypes, warehouse: Path, run: Run
) -> Iterator[tuple[dict[str, Any], calls.Reply]]:
    rows = prompts.to_dicts()
    requests = (request(row["messages"], types, run.cfg.tag.max_prompt_chars) for row in rows)
    with progress_of_replies("tag", len(rows)) as on_reply:
        yield from zip(rows, calls.ask(warehouse, run, requests, on_reply), strict=True)


def _from_reply(row: dict[str, Any], reply: calls.Reply, types: TaskTypes) -> dict[str, Any]:
    """Read a reply; whatever is not on the list is unknown."""
    try:
        said = TagReply.model_validate_json(reply.text or "")
    except ValidationError:
        said = TagReply(
            task_type=UNKNOWN, reason=reply.error or "the reply is not the JSON asked for"
        )
    label = said.task_type if said.task_type in types.kinds else UNKNOWN
    area, kind = label.split("/")
    tagged = _row(row, area, kind, "model", types)
    return {**tagged, "reason": said.reason, "call_key": reply.call_key}


def _row(
    row: dict[str, Any], area: str, kind: str, tagger: str, types: TaskTypes
) -> dict[str, Any]:
    return {
        "day": row["day"],
        "prompt_id": row["prompt_id"],
        "area": area,
        "kind": kind,
        "confidence": 0.0 if f"{area}/{kind}" == UNKNOWN else 1.0,
        "tagger": tagger,
        "taxonomy_version": types.version,
        "reason": None,
        "call_key": None,
        "input_hash": row["input_hash"],
    }


def _fenced(text: str) -> str:
    """Keep user text from closing the fence it stands in."""
    return text.replace("</", "<\u200b/")
