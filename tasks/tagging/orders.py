"""What a prompt says to whoever tags it: a tagger that sees words only would obey."""

import polars as pl

from schemas.patterns import any_of
from schemas.task_types import TaskTypes
from tasks.keywords import label_names
from tasks.traits.attacks import INJECTION
from tasks.visible import visible_chars

# More than the trait `injection` knows: here a mistake costs no more than a call of its own.
_IGNORE = (
    r"\b(?:ignore|disregard|forget|skip) "
    r"(?:all |everything |anything |the |this |that |of |any |my ){0,3}"
    r"(?:above|below|following|preceding|previous|rest|before|text|prompt|document|instructions?)"
    r"\b",
    r"(?:忽略|无视|忘记|忘掉|不要理会|不要管|不用管|别管)掉?[^。！？\n]{0,8}"
    r"(?:以上|以下|上面|下面|上述|前面|后面|后文|之前|内容|文字|文本|指令|指示|要求|这些|这段)",
    r"(?:위|아래|앞|뒤|다음|이전)(?:의|에)? ?[^.!?\n]{0,8}(?:내용|글|텍스트|문장|지시|명령)"
    r"[^.!?\n]{0,8}(?:무시|잊)",
)
_MIN_CHARS = 2  # visible ones; what is less is no request of its own
_WITHIN, _END = r"[^.!?。！？\n]*", r"[.!?。！？\n]"


def gives_orders(types: TaskTypes) -> pl.Expr:
    """Say whether a prompt speaks to a tagger: it tells to ignore text, or names a task type."""
    return _plain().str.contains(_order(types))


def without_orders(types: TaskTypes) -> pl.Expr:
    """Return what a prompt asks before it gives orders, else what it asks after them.

    All of it where neither is a request. Orders begin where text is to be ignored, or with the
    sentence that names a task type, and end with their sentence. Read only the prompts that may
    have some: this is slow.
    """
    text = pl.col("prompt").fill_null("")
    before = _plain().str.extract(rf"(?s)^(.*?)(?:{_order(types)})", 1)
    after = _plain().str.extract(rf"(?s)(?:{_order(types)}){_WITHIN}{_END}(.*)$", 1)
    return (
        pl.when(_asks(before))
        .then(text.str.head(before.str.len_chars()))
        .when(_asks(after))
        .then(text.str.tail(after.str.len_chars()))
        .otherwise(text)
    )


def _plain() -> pl.Expr:
    return pl.col("prompt").fill_null("").str.to_lowercase()


def _order(types: TaskTypes) -> str:
    return rf"{any_of(*INJECTION, *_IGNORE)}|{_WITHIN}(?:{label_names(types)})"


def _asks(text: pl.Expr) -> pl.Expr:
    return visible_chars(text) >= _MIN_CHARS
