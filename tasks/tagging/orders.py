"""What a prompt says to whoever tags it: a tagger that sees words only would obey."""

import polars as pl

from schemas.task_types import TaskTypes
from tasks.keywords import label_names
from tasks.traits.attacks import INJECTION
from tasks.traits.pattern import any_of
from tasks.visible import visible_chars

_MIN_CHARS = 4  # visible ones; what is less is no request of its own


def gives_orders(types: TaskTypes) -> pl.Expr:
    """Say whether a prompt spells the name of a task type: only who speaks to a tagger does."""
    return pl.col("prompt").fill_null("").str.contains(label_names(types))


def without_orders(types: TaskTypes) -> pl.Expr:
    """Return what a prompt asks before it gives orders; all of it where that is no request.

    Orders begin where other instructions are overridden, or with the sentence that names a task
    type. Read only the prompts that may have some: this is slow.
    """
    text = pl.col("prompt").fill_null("")
    order = rf"{any_of(*INJECTION)}|[^.!?。！？\n]*(?:{label_names(types)})"
    before = text.str.to_lowercase().str.extract(rf"(?s)^(.*?)(?:{order})", 1)
    asks = visible_chars(before) >= _MIN_CHARS
    return pl.when(asks).then(text.str.head(before.str.len_chars())).otherwise(text)
