"""What filter decides about the user turns of a day. Knows neither Prefect nor the store."""

import polars as pl

from schemas import contracts
from schemas.settings import FilterSettings
from tasks.rules import apply_rules
from tasks.traits import add_traits
from tasks.turns import turns


def judge(chats: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Return every user turn of a day of chats with its traits, its `rule_hits`, its `drop_reason`.

    Rows are marked, never deleted: there are as many as the chats have user turns.
    """
    known = add_traits(turns(chats, cfg), cfg)  # first: traits protect from some rules
    return apply_rules(known, cfg).select(list(contracts.schema("prompts")))
