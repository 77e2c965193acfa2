"""Rules that drop a prompt, in the order they take the blame.

A rule turns settings into a Polars expression over the columns of `prompts`: null where the rule
does not fire, else the value it measured. Its name is the reason that analysts read. Traits are
in `traits` before: see tasks/traits.
"""

from collections.abc import Collection

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.rules.broken import anonymized, error_text, malformed
from tasks.rules.gibberish import (
    compressible,
    few_letters,
    keyboard_mash,
    one_character,
    repetitive,
    with_triples,
)
from tasks.rules.keys import with_keys
from tasks.rules.length import empty, too_long, too_many_tokens, too_short
from tasks.rules.loops import REQUEST, in_loop, rest_of_loop, with_loops
from tasks.rules.repeats import same_user_repeat
from tasks.rules.rule import Rule
from tasks.rules.safety import injection, jailbreak, toxic
from tasks.rules.traffic import template_traffic, user_template_traffic
from tasks.rules.unanswerable import (
    missing_attachment,
    needs_action,
    needs_today,
    with_wishes,
)
from tasks.rules.wanted import bare_continuation, language_not_wanted, with_continuations
from tasks.traits import PROTECTING, TRAITS
from tasks.traits.pattern import with_plain
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
    rest_of_loop,  # last: it looks at what the others drop
)
# They judge looks: on a row with a protecting trait, and on the request that a retry loop began
# with, their hit is kept and takes no blame.
COSMETIC: frozenset[str] = frozenset(
    rule.__name__
    for rule in (too_short, few_letters, one_character, compressible, repetitive, keyboard_mash)
)
_TAGS = {rule.__name__ for rule in RULES} - {trait.__name__ for trait in TRAITS}
_ROW = "row"
_HIT = pl.Struct({"rule": pl.String, "value": pl.Float64})


def apply_rules(
    prompts: pl.DataFrame, cfg: FilterSettings, known: Collection[str] = ()
) -> pl.DataFrame:
    """Add what the rules say about every prompt; rows and their order stay as they are.

    `prompts` is one day with prompt_id, chat_id, turn, prompt, language, user_key, started_at,
    messages, traits. Added: `rule_hits`, a list of {rule, value} with every rule that fired in
    the order of RULES, and `drop_reason`, the first of them to blame or null. A rule in `off` is
    not asked; one in `tag_only` takes no blame, and its name becomes a trait. Nor are those asked
    that are `known`: what they say is in `rule_hits` already.

    Raises:
        SettingsError: a list of `toxic_words` cannot be used.
    """
    names = [rule.__name__ for rule in RULES if rule.__name__ not in cfg.off]
    said = [
        (_stored(rule.__name__) if rule.__name__ in known else rule(cfg)).alias(rule.__name__)
        for rule in RULES[:-1]
        if rule.__name__ in names
    ]
    protected = has(*PROTECTING) | in_loop()
    known_by = ("chat_id", "traits", REQUEST)
    measured = prepared(prompts, cfg).select(*known_by, *said, protected=protected)
    return prompts.with_columns(_verdict(measured.collect(), names, cfg))


def prepared(prompts: pl.DataFrame, cfg: FilterSettings) -> pl.LazyFrame:
    """Add what several rules read: Polars computes it anew for each of them otherwise."""
    read = with_continuations(with_plain(prompts.lazy()))
    return with_loops(with_keys(with_triples(with_wishes(read, cfg))))


def _verdict(measured: pl.DataFrame, names: list[str], cfg: FilterSettings) -> pl.DataFrame:
    """Turn a column per rule into hits, blame and traits; ask the rule that reads the others.

    Lists are made where a rule fired, which is in few rows: made everywhere, they would cost as
    much as all rules together.
    """
    blamed = [name for name in names if name not in cfg.tag_only]
    if rest_of_loop.__name__ in names:
        first = _first([name for name in blamed if name != rest_of_loop.__name__])
        rest = rest_of_loop(cfg).alias(rest_of_loop.__name__)
        measured = measured.with_columns(drop_reason=first).with_columns(rest)
    fired = pl.any_horizontal(pl.lit(value=False), *(pl.col(name).is_not_null() for name in names))
    told = (
        measured.with_row_index(_ROW)
        .filter(fired)
        .select(
            _ROW,
            rule_hits=_hits(names),
            drop_reason=_first(blamed),
            tags=_tags([name for name in names if name in cfg.tag_only]),
        )
    )
    rows = measured.select("traits").with_row_index(_ROW)
    return rows.join(told, on=_ROW, how="left", maintain_order="left").select(
        pl.col("rule_hits").fill_null([]), "drop_reason", traits=_with_tags()
    )


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
    return pl.concat_list(pl.lit(None, _HIT), *fired).list.drop_nulls()


def _first(rules: list[str]) -> pl.Expr:
    """Return the first rule to blame: a cosmetic one is not, where the row is `protected`."""
    blames = (
        pl.when(
            pl.col(rule).is_not_null() & ~(pl.col("protected") & pl.lit(rule in COSMETIC))
        ).then(pl.lit(rule))
        for rule in rules
    )
    return pl.coalesce(pl.lit(None, pl.String), *blames)


def _tags(rules: list[str]) -> pl.Expr:
    """Return the rules that only tag; those that are traits by birth are among the traits."""
    tags = (
        pl.when(pl.col(rule).is_not_null()).then(pl.lit(rule)) for rule in rules if rule in _TAGS
    )
    return pl.concat_list(pl.lit(None, pl.String), *tags).list.drop_nulls()


def _with_tags() -> pl.Expr:
    others = pl.col("traits").list.filter(~pl.element().is_in(sorted(_TAGS)))
    return others.list.concat(pl.col("tags").fill_null([]))
