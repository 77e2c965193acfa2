"""Traits of the conversation around a prompt."""

import polars as pl

from schemas.settings import FilterSettings


def tool_use(_: FilterSettings) -> pl.Expr:
    """Find prompts in whose context the assistant called a tool, or a tool replied."""
    message = pl.element().struct
    used = (message.field("role") == "tool") | message.field("tool_calls").is_not_null()
    return pl.col("messages").list.eval(used.any()).list.first().fill_null(value=False)
