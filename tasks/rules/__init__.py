"""Rules that drop a prompt, in the order they take the blame.

A rule turns settings into a Polars expression over the columns of `prompts`: null where the rule
does not fire, else the value it measured. Its name is the reason that analysts read.
"""

from collections.abc import Collection

import polars as pl

from schemas.settings import FilterSettings
from tasks.rules.length import empty, too_long, too_short
from tasks.rules.loops import rest_of_loop
from tasks.rules.repeats import same_user_repeat
from tasks.rules.rule import Rule
from tasks.rules.wanted import language_not_wanted

RULES: tuple[Rule, ...] = (
    empty,
    too_short,
    too_long,
    language_not_wanted,
    same_user_repeat,
    rest_of_loop,  # reads what the others say
)


def apply_rules(
    prompts: pl.DataFrame, cfg: FilterSettings, known: Collection[str] = ()
) -> pl.DataFrame:
    """Add what the rules say about every prompt; rows and their order stay as they are.

    `prompts` is one day with prompt_id, chat_id, turn, prompt, language, user_key, started_at,
    messages, traits. Added: `rule_hits`, a list of {rule, value} with every rule that fired in
    the order of RULES, and `drop_reason`, the first of them or null. Rules that are `known` are
    not asked: what they said is in `rule_hits` already.
    """
    said = [
        (_stored(rule.__name__) if rule.__name__ in known else rule(cfg)).alias(rule.__name__)
        for rule in RULES[:-1]
    ]
    measured = prompts.select(said)
    rest = _judged(prompts, measured).select(rest_of_loop(cfg).alias(rest_of_loop.__name__))
    return _judged(prompts, measured.hstack(rest))


def _judged(prompts: pl.DataFrame, measured: pl.DataFrame) -> pl.DataFrame:
    hits = measured.select(rule_hits=_hits(measured.columns)).to_series()
    first = hits.list.first().struct.field("rule")
    return prompts.with_columns(hits, first.alias("drop_reason"))


def _stored(rule: str) -> pl.Expr:
    """Return what a rule said before."""
    hit = pl.element().struct
    own = pl.when(hit.field("rule") == rule).then(hit.field("value"))
    return pl.col("rule_hits").list.eval(own).list.drop_nulls().list.first()


def _hits(rules: list[str]) -> pl.Expr:
    fired = (
        pl.when(pl.col(rule).is_not_null()).then(pl.struct(rule=pl.lit(rule), value=pl.col(rule)))
        for rule in rules
    )
    return pl.concat_list(*fired).list.drop_nulls()
