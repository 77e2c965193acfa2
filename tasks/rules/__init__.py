"""Rules that drop a prompt, in the order they take the blame.

A rule turns settings into a Polars expression over the columns of `prompts`: null where the rule
does not fire, else the value it measured. Its name is the reason that analysts read. Traits are
in `traits` before: see tasks/traits.
"""

import polars as pl

from schemas.settings import FilterSettings
from tasks.rules.broken import anonymized, error_text, malformed
from tasks.rules.gibberish import (
    compressible,
    few_letters,
    keyboard_mash,
    one_character,
    repetitive,
)
from tasks.rules.keys import with_keys
from tasks.rules.length import empty, too_long, too_many_tokens, too_short
from tasks.rules.repeats import same_user_repeat
from tasks.rules.rule import Rule
from tasks.rules.safety import injection, jailbreak, toxic
from tasks.rules.traffic import template_traffic, user_template_traffic
from tasks.rules.unanswerable import missing_attachment, needs_action, needs_today
from tasks.rules.wanted import bare_continuation, language_not_wanted
from tasks.traits import PROTECTING, TRAITS
from tasks.traits.trait import has

# The names stand in schemas/rule_names.py, too, where settings are checked.
RULES: tuple[Rule, ...] = (
    empty,
    malformed,
    error_text,
    anonymized,
    too_short,
    too_long,
    too_many_tokens,
    bare_continuation,
    few_letters,
    one_character,
    compressible,
    repetitive,
    keyboard_mash,
    language_not_wanted,
    same_user_repeat,
    user_template_traffic,
    template_traffic,
    missing_attachment,
    needs_today,
    needs_action,
    jailbreak,
    injection,
    toxic,
)
# They judge looks: on a row with a protecting trait their hit is kept and takes no blame.
COSMETIC: frozenset[str] = frozenset(
    rule.__name__
    for rule in (too_short, few_letters, one_character, compressible, repetitive, keyboard_mash)
)
_HIT = pl.Struct({"rule": pl.String, "value": pl.Float64})


def apply_rules(prompts: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Add what the rules say about every prompt; rows and their order stay as they are.

    `prompts` is one day with prompt_id, chat_id, turn, prompt, language, user_key, started_at,
    messages, traits. Added: `rule_hits`, a list of {rule, value} with every rule that fired in
    the order of RULES, and `drop_reason`, the first of them to blame or null. A rule in `off` is
    not asked; one in `tag_only` takes no blame, and its name becomes a trait.

    Raises:
        SettingsError: a list of `toxic_words` cannot be used.
    """
    asked = [rule for rule in RULES if rule.__name__ not in cfg.off]
    measured = with_keys(prompts.lazy()).select(
        "traits", *(rule(cfg).alias(rule.__name__) for rule in asked)
    )
    names = [rule.__name__ for rule in asked]
    return prompts.with_columns(
        measured.select(
            rule_hits=_hits(names),
            drop_reason=_first([name for name in names if name not in cfg.tag_only]),
            traits=_tagged([name for name in names if name in cfg.tag_only]),
        ).collect()
    )


def _hits(rules: list[str]) -> pl.Expr:
    fired = (
        pl.when(pl.col(rule).is_not_null()).then(pl.struct(rule=pl.lit(rule), value=pl.col(rule)))
        for rule in rules
    )
    return pl.concat_list(pl.lit(None, _HIT), *fired).list.drop_nulls()


def _first(rules: list[str]) -> pl.Expr:
    """Return the first rule to blame: a cosmetic one is not, where a trait protects the row."""
    protected = has(*PROTECTING)
    blames = (
        pl.when(pl.col(rule).is_not_null() & ~(protected & pl.lit(rule in COSMETIC))).then(
            pl.lit(rule)
        )
        for rule in rules
    )
    return pl.coalesce(pl.lit(None, pl.String), *blames)


def _tagged(rules: list[str]) -> pl.Expr:
    """Return the traits with the rules that only tag; those that are traits by birth are there."""
    made_here = {rule.__name__ for rule in RULES} - {trait.__name__ for trait in TRAITS}
    fired = (
        pl.when(pl.col(rule).is_not_null()).then(pl.lit(rule))
        for rule in rules
        if rule in made_here
    )
    added = pl.concat_list(pl.lit(None, pl.String), *fired).list.drop_nulls()
    return pl.col("traits").list.filter(~pl.element().is_in(sorted(made_here))).list.concat(added)
