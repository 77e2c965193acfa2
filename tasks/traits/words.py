"""The trait of prompts that hold a word of the user's own lists."""

from pathlib import Path

import polars as pl

from schemas.errors import SettingsError
from schemas.settings import FilterSettings
from tasks.traits.pattern import PROMPT

_LATIN = r"[a-z0-9']+"


def toxic(cfg: FilterSettings) -> pl.Expr:
    """Find prompts that hold a word of `toxic_words`; without lists there are none."""
    return toxic_count(cfg) > 0


def toxic_count(cfg: FilterSettings) -> pl.Expr:
    """Count the words of `toxic_words` in a prompt.

    Raises:
        SettingsError: a list is missing, empty or no UTF-8; the message names the setting.
    """
    words = [word for path in cfg.toxic_words for word in _words(Path(path))]
    if not words:
        return pl.lit(0, pl.UInt32)
    return _spaced(PROMPT).str.extract_many(sorted(set(words))).list.len()


def _spaced(text: pl.Expr) -> pl.Expr:
    """Put blanks around every Latin word, so that " ass " is not found in "class".

    Chinese and Korean have no such borders: their words are found anywhere.
    """
    return text.str.to_lowercase().str.replace_all(_LATIN, " $0 ")


def _words(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        raise SettingsError(f"filter.toxic_words: {path}: {reason}. {_HINT}") from None
    words = pl.Series([line for line in map(str.strip, lines) if line and line[0] != "#"])
    if words.is_empty():
        raise SettingsError(f"filter.toxic_words: {path} holds no word. {_HINT}")
    return tuple(pl.DataFrame({"word": words}).select(_spaced(pl.col("word"))).to_series())


_HINT = "Wanted: a UTF-8 text file with one word per line; fix the path, or leave it out."
