"""The trait of prompts that hold a word of the user's own lists."""

from pathlib import Path

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.traits.pattern import PROMPT
from tasks.word_list import word_list

_LETTER = "[a-z0-9\u00df-\u024f]"  # é is one, a quotation mark is none
_LATIN = f"{_LETTER}+(?:'{_LETTER}+)*"


def toxic(cfg: FilterSettings) -> pl.Expr:
    """Find prompts that hold a word of `toxic_words`; without lists there are none."""
    return toxic_count(cfg) > 0


def toxic_count(cfg: FilterSettings) -> pl.Expr:
    """Count the words of `toxic_words` in a prompt.

    Raises:
        SettingsError: a list is missing, empty or no UTF-8; the message names the setting.
    """
    words = {word for path in cfg.toxic_words for word in word_list(Path(path))}
    if not words:
        return pl.lit(0, pl.UInt32)
    listed = pl.DataFrame({"word": sorted(words)}).select(_spaced(pl.col("word"))).to_series()
    return _spaced(PROMPT).str.extract_many(listed.to_list()).list.len()


def _spaced(text: pl.Expr) -> pl.Expr:
    """Put blanks around every Latin word, so that a listed word is not found inside another.

    Chinese and Korean have no such borders: their words are found anywhere. White space of any
    kind and width is one blank.
    """
    one_line = text.str.to_lowercase().str.replace_all(r"\s+", " ")
    return one_line.str.replace_all(_LATIN, " $0 ")
