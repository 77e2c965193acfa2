"""Rules on attacks and on bad words. By default they only tag: see `tag_only`."""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.rules.rule import hit
from tasks.traits import attacks, words


def jailbreak(_: FilterSettings) -> pl.Expr:
    """Drop prompts that ask the model to shed its rules; the value counts the places."""
    signs = attacks.jailbreak_signs()
    return hit(signs, when=signs > 0)


def injection(_: FilterSettings) -> pl.Expr:
    """Drop prompts that override other instructions, or ask to see them."""
    signs = attacks.injection_signs()
    return hit(signs, when=signs > 0)


def toxic(cfg: FilterSettings) -> pl.Expr:
    """Drop prompts with words of `toxic_words`; the value counts them."""
    found = words.toxic_count(cfg)
    return hit(found, when=found > 0)
