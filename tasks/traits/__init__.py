"""Facts about a prompt that later stages may ask for; none of them drops anything.

A trait turns settings into a Polars expression over the columns of `prompts`: true where a row
has it. Its name is the word that is stored.
"""

import polars as pl

from schemas.settings import FilterSettings
from tasks.traits.context import tool_use
from tasks.traits.trait import Trait

TRAITS: tuple[Trait, ...] = (tool_use,)


def add_traits(prompts: pl.DataFrame, cfg: FilterSettings) -> pl.DataFrame:
    """Put what is true of every prompt into `traits`; rows and their order stay as they are.

    `prompts` is one day with turn, prompt, language, messages, traits. Words of others in
    `traits` stay; those of TRAITS are found anew, so twice is once.
    """
    found = prompts.lazy().select(trait(cfg).alias(trait.__name__) for trait in TRAITS).collect()
    words = found.select(traits=_words(found.columns)).to_series()
    others = pl.col("traits").list.filter(~pl.element().is_in(found.columns))
    return prompts.with_columns(traits=others.list.concat(words))


def _words(traits: list[str]) -> pl.Expr:
    own = (pl.when(trait).then(pl.lit(trait)) for trait in traits)
    return pl.concat_list(*own).list.drop_nulls()
