"""Turn chats into prompts: one row per user turn, with the conversation before it."""

import polars as pl

from schemas import contracts
from schemas.filter_settings import FilterSettings
from tasks.context import within
from tasks.language import languages
from tasks.token_estimate import most_tokens_of_messages, tokens_of_messages

TOOLS_OFFERED = "tools_offered"
_VERDICT = ("rule_hits", "drop_reason")


def turns(chats: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Return every user turn of `chats` as a row of `prompts` without a verdict.

    A turn is numbered among the user turns of its chat, whatever stands between them and however
    much of its context fits `max_context_tokens`. One that is too short to tell its language has
    the language of its chat.
    """
    marked = chats.with_columns(traits=_and_tools())
    spoken = _with_context(marked, cfg.max_context_tokens).with_columns(origin=pl.lit("log"))
    wanted = [name for name in contracts.schema("prompts") if name not in _VERDICT]
    own = languages(spoken["prompt"])
    language = pl.when(own == "und").then("language").otherwise(own)
    fitting = within(cfg.max_context_tokens, spoken.with_columns(language=language))
    return fitting.select(wanted)


def _and_tools() -> pl.Expr:
    """Add `tools_offered` to the traits of a chat whose model could call some."""
    offered = pl.col("tools").fill_null("").str.contains("[a-z]")  # "[]" and "{}" offer none
    words = pl.when(offered).then(pl.lit([TOOLS_OFFERED])).otherwise(pl.lit([], pl.List(pl.String)))
    return pl.col("traits").list.concat(words)


def _with_context(chats: pl.DataFrame, budget: int) -> pl.DataFrame:
    """Return a row per user turn: its number, its id, its text and the messages up to it.

    Tokens are estimated once per chat, not for every turn anew; they are null where all of the
    chat fits the budget anyway.
    """
    messages, ends = pl.col("messages"), pl.col("end").list.len()
    users = messages.list.eval((pl.element().struct.field("role") == "user").arg_true())
    perhaps = pl.when(most_tokens_of_messages(messages) > budget).then(messages)
    known = chats.with_columns(end=users, tokens=tokens_of_messages(perhaps))
    each = known.with_columns(turn=pl.int_ranges(ends)).filter(ends > 0).explode("end", "turn")
    return each.with_columns(
        pl.col("turn").cast(pl.Int32),
        prompt_id=pl.format("{}-{}", "chat_id", "turn"),
        prompt=pl.col("messages").list.get("end").struct.field("content"),
        messages=pl.col("messages").list.head(pl.col("end") + 1),
        tokens=pl.col("tokens").list.head(pl.col("end") + 1),
    )
