"""Rules on a user who says the same again. Every other repeat is the business of dedupe."""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.context import CONTEXT_CUT
from tasks.rules.keys import SAID
from tasks.rules.rule import hit, nth
from tasks.token_estimate import estimated_tokens
from tasks.traits.trait import has


def same_user_repeat(cfg: FilterSettings) -> pl.Expr:
    """Drop what a user asked before on the same day, up to width, case and outer white space.

    Counted in two ways, the larger one is the value (2 = said for the second time): within the
    chat, where only what is long enough to mean the same twice counts ("B", "shorter" and "next"
    do not), and over all chats of the user after the same earlier messages, because "translate
    it" means something else in every chat. Without a user_key only the chat counts. All rows must
    be of one day; the order is (started_at, chat_id, turn). In a retry loop "still broken" is
    said as often as it is true.
    """
    said, user = pl.col(SAID), pl.coalesce("user_key", "chat_id")
    again = pl.len().over(user, said) > 1
    whole = estimated_tokens(pl.when(again).then(pl.col("prompt"))) >= cfg.min_repeat_tokens
    in_chat = pl.when(whole).then(nth(pl.col("chat_id"), said))
    count = pl.max_horizontal(in_chat, nth(user, said, _context(again)))
    return hit(count, when=(count > 1) & ~has("retry_loop"))


def _context(wanted: pl.Expr) -> pl.Expr:
    """Return the text of the messages before this turn, which is the last one.

    Where some were cut away, nobody knows whether the others were the same: the chat stands for
    them.
    """
    messages = pl.when(wanted).then(pl.col("messages"))
    contents = messages.list.eval(pl.element().struct.field("content"))
    before = contents.list.slice(0, contents.list.len() - 1).list.join("\x1e")
    return pl.when(has(CONTEXT_CUT)).then(pl.col("chat_id")).otherwise(before)
