"""Rules on text that says nothing. All are cosmetic: a badly typed wish is a wish."""

import zlib

import polars as pl

from schemas.settings import FilterSettings
from tasks.rules.keyboard import MASH
from tasks.rules.rule import hit
from tasks.traits.pattern import PROMPT, WORDS
from tasks.visible import INVISIBLE, visible_chars

_LETTER_OR_DIGIT = r"[\p{L}\p{N}\p{M}]"  # \p{M}: vowels of Hindi and Thai are marks
_GRAM = 10  # rep_len of data-juicer's character_repetition_filter
_PLACES = (0.0, 0.25, 0.5, 0.75, 1.0)  # where the most frequent character is looked for


def few_letters(cfg: FilterSettings) -> pl.Expr:
    """Drop text of signs alone; the value is the share of letters and digits.

    A request above a drawing keeps both: words are looked for.
    """
    seen = visible_chars(PROMPT)
    share = PROMPT.str.count_matches(_LETTER_OR_DIGIT) / seen.clip(1)
    signs = (seen >= cfg.min_gibberish_chars) & (share < cfg.min_alphanumeric)
    return hit(share, when=signs & ~PROMPT.str.contains(WORDS))


def one_character(cfg: FilterSettings) -> pl.Expr:
    """Drop text of one character again and again; the value is its share.

    What else is there must not be words: "how many a are in aaaaaaaa" is a question.
    """
    text = PROMPT.str.replace_all(INVISIBLE, "")
    chars = text.str.len_chars()
    spots = (text.str.slice(((chars - 1) * place).cast(pl.Int64), 1) for place in _PLACES)
    most = pl.max_horizontal(text.str.count_matches(spot, literal=True) for spot in spots)
    share = most / chars.clip(1)
    fires = (chars >= cfg.min_gibberish_chars) & (share > cfg.max_one_character)
    wordless = pl.when(fires).then(PROMPT).map_elements(_wordless, return_dtype=pl.Boolean)
    return hit(share, when=fires & wordless)


def compressible(cfg: FilterSettings) -> pl.Expr:
    """Drop long text that zlib packs into next to nothing; the value is packed over raw bytes."""
    long = PROMPT.str.len_chars() >= cfg.min_packed_chars
    packed = pl.when(long & _repeats()).then(PROMPT).map_elements(_packed, return_dtype=pl.Float64)
    return hit(packed, when=packed < cfg.min_compression)


def repetitive(cfg: FilterSettings) -> pl.Expr:
    """Drop text that repeats itself; the value is the share of 10-grams that stood before.

    Not data-juicer's measure, which takes the n-grams most often seen, as many as the root of
    their number: a phrase of eight characters a hundred times over comes to .25 there.
    """
    long = PROMPT.str.len_chars() >= cfg.min_repetitive_chars
    share = (
        pl.when(long & _repeats(1 - cfg.max_repetition))
        .then(PROMPT)
        .map_elements(_repeated, return_dtype=pl.Float64)
    )
    return hit(share, when=share > cfg.max_repetition)


def keyboard_mash(cfg: FilterSettings) -> pl.Expr:
    """Drop what fingers do on a keyboard; the value is its share of the visible text.

    A share, because names, words and sequences hold such runs too.
    """
    text = PROMPT.str.replace_all(INVISIBLE, "")
    mashed = PROMPT.str.extract_all(MASH).list.join("").str.len_chars()
    share = mashed / text.str.len_chars().clip(1)
    return hit(share, when=(mashed >= cfg.min_gibberish_chars) & (share > cfg.max_mash))


def _repeats(new: float = 0.2) -> pl.Expr:
    """Return whether a text may have a share of only `new` 10-grams that are not repeated.

    A cheap screen that misses none: n such 10-grams hold at most n + 7 different triples, and
    every third triple is looked at.
    """
    triples = PROMPT.str.extract_all("(?s)...").list
    chars = PROMPT.str.len_chars()
    return triples.n_unique() <= new * chars + _GRAM


def _wordless(text: str) -> bool:
    most = max(set(text), key=text.count)
    rest = text.replace(most, "")
    return pl.Series([rest]).str.contains(WORDS).not_().item()


def _packed(text: str) -> float:
    raw = text.encode()
    return len(zlib.compress(raw)) / len(raw)


def _repeated(text: str) -> float:
    text = " ".join(text.split())
    grams = len(text) - _GRAM + 1
    return 1 - len({text[start : start + _GRAM] for start in range(grams)}) / max(grams, 1)
