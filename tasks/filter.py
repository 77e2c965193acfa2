"""Turn chats into prompts, and mark the prompts that the rules reject."""

from typing import Any

import polars as pl

from schemas import contracts
from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import FilterSettings
from schemas.stages import BY_NAME
from tasks.language import languages
from tasks.rules import apply_rules
from tasks.stage import Outcome, Work, run_stage, stage_task
from tasks.traits import add_traits


@stage_task(name="filter")
def filter_prompts(chats: Batch, run: Run) -> Batch:
    """Write every user turn of the day to `prompts`, with its `drop_reason`."""

    def think(work: Work) -> Outcome:
        judged = judge(turns(work.rows), run.cfg.filter)  # all: a repeat is told by the others
        return Outcome(judged.join(work.todo, on="chat_id", how="semi", maintain_order="left"))

    return run_stage(BY_NAME["filter"], chats, run, think)


def judge(prompts: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Add traits, `rule_hits` and `drop_reason`: the first rule to blame, null when none is.

    Rows are marked, never deleted: `judge(prompts, cfg).height == prompts.height`.
    """
    known = add_traits(prompts, cfg)  # first: traits protect from some rules
    return apply_rules(known, cfg).select(list(contracts.schema("prompts")))


def turns(chats: pl.DataFrame) -> pl.DataFrame:
    """Return one row per user turn, with the conversation before it as its context.

    A turn too short to tell its language has the language of its chat.
    """
    rows = [row for chat in chats.iter_rows(named=True) for row in _turns_of(chat)]
    made = {"rule_hits", "drop_reason"}
    wanted = {name: kind for name, kind in contracts.schema("prompts").items() if name not in made}
    prompts = pl.DataFrame(rows, schema=wanted, orient="row")
    own = languages(prompts["prompt"])
    return prompts.with_columns(
        language=pl.when(own == "und").then("language").otherwise(own).cast(pl.String)
    )


def _turns_of(chat: dict[str, Any]) -> list[dict[str, Any]]:
    messages = chat["messages"]
    ends = [end for end, message in enumerate(messages) if message["role"] == "user"]
    return [
        {
            "day": chat["day"],
            "prompt_id": f"{chat['chat_id']}-{turn}",
            "chat_id": chat["chat_id"],
            "turn": turn,
            "started_at": chat["started_at"],
            "user_key": chat["user_key"],
            "language": chat["language"],
            "messages": messages[: end + 1],
            "prompt": messages[end]["content"],
            "traits": chat["traits"],
            "origin": "log",
            "input_hash": chat["input_hash"],
        }
        for turn, end in enumerate(ends)
    ]
