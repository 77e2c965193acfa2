"""Facts about a prompt that later stages may ask for; none of them drops anything.

A trait turns settings into a Polars expression over the columns of `prompts`: true where a row
has it. Its name is the word that is stored.
"""

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.traits.attacks import injection, jailbreak
from tasks.traits.constraints import complex_instruction
from tasks.traits.context import long_context, rag, tool_use
from tasks.traits.dialogue import correction, persistence, retry_loop, topic_shift
from tasks.traits.pattern import with_plain
from tasks.traits.topics import with_topics
from tasks.traits.trait import Trait
from tasks.traits.typing import robustness
from tasks.traits.words import toxic

# The names stand in schemas/trait_names.py, too, where settings are checked.
TRAITS: tuple[Trait, ...] = (
    robustness,
    retry_loop,
    correction,
    persistence,
    topic_shift,
    tool_use,
    rag,
    long_context,
    complex_instruction,
    injection,
    jailbreak,
    toxic,
)
# Rows with one of these are unusual on purpose: rules on looks never drop them. topic_shift and
# long_context are not among them, because noise has both.
PROTECTING = (
    "robustness",
    "retry_loop",
    "correction",
    "persistence",
    "tool_use",
    "rag",
    "complex_instruction",
)


def add_traits(prompts: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Put what is true of every prompt into `traits`; rows and their order stay as they are.

    `prompts` is one day with turn, prompt, messages, traits. Words of others in `traits` stay;
    those of TRAITS are found anew, so twice is once.

    Raises:
        SettingsError: a list of `toxic_words` cannot be used.
    """
    names = [trait.__name__ for trait in TRAITS]
    prepared = with_topics(with_plain(prompts.lazy()))
    found = prepared.select(trait(cfg).alias(trait.__name__) for trait in TRAITS).collect()
    words = found.select(traits=_words(names)).to_series()
    others = pl.col("traits").list.filter(~pl.element().is_in(names))
    return prompts.with_columns(traits=others.list.concat(words))


def _words(traits: list[str]) -> pl.Expr:
    own = (pl.when(trait).then(pl.lit(trait)) for trait in traits)
    return pl.concat_list(*own).list.drop_nulls()
