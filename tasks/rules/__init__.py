"""Rules that drop a prompt, in the order they take the blame.

A rule turns settings into a Polars expression over the columns of `prompts`: null where the rule
does not fire, else the value it measured. Its name is the reason that analysts read.
"""

import polars as pl

from schemas.settings import FilterSettings
from tasks.rules.length import empty, too_long, too_short
from tasks.rules.repeats import same_user_repeat
from tasks.rules.rule import Rule
from tasks.rules.wanted import language_not_wanted

RULES: tuple[Rule, ...] = (empty, too_short, too_long, language_not_wanted, same_user_repeat)


def apply_rules(prompts: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Add what the rules say about every prompt; rows and their order stay as they are.

    `prompts` is one day with prompt_id, chat_id, turn, prompt, language, user_key, started_at,
    messages. Added: `rule_hits`, a list of {rule, value} with every rule that fired in the order
    of RULES, and `drop_reason`, the first of them or null.
    """
    measured = prompts.select(rule(cfg).alias(rule.__name__) for rule in RULES)
    hits = measured.select(rule_hits=_hits(measured.columns)).to_series()
    first = hits.list.first().struct.field("rule")
    return prompts.with_columns(hits, first.alias("drop_reason"))


def _hits(rules: list[str]) -> pl.Expr:
    fired = (
        pl.when(pl.col(rule).is_not_null()).then(pl.struct(rule=pl.lit(rule), value=pl.col(rule)))
        for rule in rules
    )
    return pl.concat_list(*fired).list.drop_nulls()
