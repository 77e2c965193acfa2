"""Which of the messages before a turn are shown with it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

CONTEXT_CUT = "context_cut"

Messages = Sequence[Mapping[str, Any]]


def within(budget: int, prompts: pl.DataFrame) -> pl.DataFrame:
    """Let the oldest messages of a prompt go, each as a whole, until the rest fits `budget`.

    `prompts` has `messages`, of which the last one is the turn, `tokens`, a list with the estimate
    of each or null where all fit, and `traits`, to which a prompt that lost messages adds
    `context_cut`. No row goes.
    """
    over = (prompts["tokens"].list.sum() > budget).fill_null(value=False)
    asked = prompts.filter(over).select("messages", "tokens").iter_rows()
    kept = [kept_places(messages, tokens, budget) for messages, tokens in asked]
    places = _spread(kept, over)
    fewer = places.list.len() < pl.col("messages").list.len()
    return prompts.with_columns(
        messages=pl.when(fewer).then(pl.col("messages").list.gather(places)).otherwise("messages"),
        traits=pl.when(fewer).then(_and(CONTEXT_CUT)).otherwise("traits"),
    )


def kept_places(messages: Messages, tokens: Sequence[float], budget: float) -> list[int]:
    """Return the places of the messages that stay: all system ones, the newest ones, the turn.

    System messages and the turn, which is the last message, stay even when they do not fit; a
    tool result stays only with its call.
    """
    turn = len(messages) - 1
    fixed = [at for at in range(turn) if messages[at]["role"] == "system"]
    left = budget - tokens[turn] - sum(tokens[at] for at in fixed)
    start = turn
    for at in range(turn - 1, -1, -1):
        left -= tokens[at] if messages[at]["role"] != "system" else 0
        if left < 0:
            break
        start = at
    start = _behind_orphans(messages, start)
    return [*(at for at in fixed if at < start), *range(start, turn + 1)]


def _behind_orphans(messages: Messages, start: int) -> int:
    """Move `start` behind every tool result whose call stands before it."""
    for at, call in _results(messages):
        if call < start <= at:
            start = at + 1
    return start


def _results(messages: Messages) -> Iterator[tuple[int, int]]:
    """Yield the place of every tool result and of its call; -1 for a call that was not logged.

    A result without an id, or with one that no call has, belongs to the latest call before it,
    or where there is none to the latest words of the assistant.
    """
    by_id: dict[str, int] = {}
    latest, called = -1, False
    for at, message in enumerate(messages):
        calls = message["tool_calls"] if message["role"] == "assistant" else None
        if calls or (message["role"] == "assistant" and not called):
            latest, called = at, called or bool(calls)
            by_id |= dict.fromkeys(_call_ids(calls), at)
        elif message["role"] == "tool":
            yield at, by_id.get(message["tool_call_id"] or "", latest)


def _call_ids(calls: str | None) -> list[str]:
    found = json.loads(calls) if calls else []
    return [str(call["id"]) for call in found if isinstance(call, dict) and call.get("id")]


def _spread(values: list[list[int]], where: pl.Series) -> pl.Series:
    """Return `values` at the rows where `where` is true, null elsewhere."""
    given = iter(values)
    spread = [next(given) if here else None for here in where]
    return pl.Series("places", spread, dtype=pl.List(pl.UInt32))


def _and(word: str) -> pl.Expr:
    return pl.col("traits").list.concat(pl.lit([word]))
