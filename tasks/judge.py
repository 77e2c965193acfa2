"""What filter decides about the user turns of a day. Knows neither Prefect nor the store."""

from collections.abc import Collection

import polars as pl

from schemas import contracts
from schemas.filter_settings import FilterSettings
from tasks.rules import apply_rules
from tasks.traits import add_traits
from tasks.turns import turns

CONTEXT_SETTINGS = frozenset({"max_context_tokens"})  # what `turns` reads


def judge(chats: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Return every user turn of a day of chats with its traits, its `rule_hits`, its `drop_reason`.

    Rows are marked, never deleted: there are as many as the chats have user turns.
    """
    known = add_traits(turns(chats, cfg), cfg)  # first: traits protect from some rules
    return apply_rules(known, cfg).select(list(contracts.schema("prompts")))


def judge_again(prompts: pl.DataFrame, cfg: FilterSettings, known: Collection[str]) -> pl.DataFrame:
    """Return rows of `prompts` as `judge` would make them, without asking the rules `known`.

    Those must say what they said when the rows were made, and so must turns and traits.
    """
    return apply_rules(prompts, cfg, known)
