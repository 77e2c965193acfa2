"""Rules on text that says nothing. All are cosmetic: a badly typed wish is a wish."""

import re
import zlib

import polars as pl

from schemas.filter_settings import FilterSettings
from tasks.language import mostly_cjk
from tasks.rules.keyboard import MASH
from tasks.rules.rule import hit
from tasks.traits.pattern import PROMPT, WORDS
from tasks.visible import visible_chars

_LETTER_OR_DIGIT = r"[\p{L}\p{N}\p{M}]"  # \p{M}: vowels of Hindi and Thai are marks
_TRIPLES, _NEW = "triples", "new_triples"
_GRAM = 10  # rep_len of data-juicer's character_repetition_filter
_CJK_WEIGHT = 2
_DIFFERENT = 0.8  # share of different triples up to which a text is looked at


def with_triples(prompts: pl.LazyFrame) -> pl.LazyFrame:
    """Add how many runs of three characters a prompt has, every third counted, and how many new."""
    triples = PROMPT.str.extract_all("(?s)...")
    new = triples.list.n_unique()
    return prompts.with_columns(triples.list.len().alias(_TRIPLES), new.alias(_NEW))


def few_letters(cfg: FilterSettings) -> pl.Expr:
    """Drop text of signs alone; the value is the share of letters and digits.

    A request above a drawing keeps both: words are looked for.
    """
    wordless = pl.when(~PROMPT.str.contains(WORDS)).then(PROMPT)
    seen = visible_chars(wordless)
    share = wordless.str.count_matches(_LETTER_OR_DIGIT) / seen.clip(1)
    return hit(share, when=(seen >= cfg.min_gibberish_chars) & (share < cfg.min_alphanumeric))


def one_character(cfg: FilterSettings) -> pl.Expr:
    """Drop text of one character again and again; the value is its share.

    What else is there must not be words: "how many a are in aaaaaaaa" is a question.
    """
    long = PROMPT.str.len_chars() >= cfg.min_gibberish_chars
    again = pl.col(_NEW) <= pl.col(_TRIPLES) * _DIFFERENT
    most = cfg.max_one_character
    share = (
        pl.when(long & again)
        .then(PROMPT)
        .map_elements(lambda text: _share_of_one(text, most), return_dtype=pl.Float64)
    )
    return hit(share, when=share > most)


def compressible(cfg: FilterSettings) -> pl.Expr:
    """Drop long text that zlib packs into next to nothing; the value is packed over raw bytes."""
    long = PROMPT.str.len_chars() >= cfg.min_packed_chars
    packed = pl.when(long & _repeats()).then(PROMPT).map_elements(_packed, return_dtype=pl.Float64)
    return hit(packed, when=packed < cfg.min_compression)


def repetitive(cfg: FilterSettings) -> pl.Expr:
    """Drop text that repeats itself; the value is the share of 10-grams that stood before.

    Not data-juicer's measure, which takes the n-grams most often seen, as many as the root of
    their number: a phrase of eight characters a hundred times over comes to .25 there. Chinese
    and Korean say the same in half the characters.
    """
    chars = PROMPT.str.len_chars()
    dense = (chars * _CJK_WEIGHT >= cfg.min_repetitive_chars) & (
        pl.col(_NEW) * 2 <= pl.col(_TRIPLES)
    )
    cjk = mostly_cjk(pl.when(dense).then(PROMPT)).fill_null(value=False)
    long = (chars >= cfg.min_repetitive_chars) | cjk
    text = pl.when(long & _repeats(1 - cfg.max_repetition)).then(PROMPT)
    share = text.map_elements(_repeated, return_dtype=pl.Float64)
    return hit(share, when=share > cfg.max_repetition)


def keyboard_mash(cfg: FilterSettings) -> pl.Expr:
    """Drop what fingers do on a keyboard; the value is its share of the visible text.

    A share, because names, words and sequences hold such runs too. What else is there must not be
    words: "is asdfghjkl a good password" is a question.
    """
    some = pl.when(PROMPT.str.contains(MASH)).then(PROMPT)
    mashed = some.str.extract_all(MASH).list.join("").str.len_chars()
    noise = pl.when(mashed >= cfg.min_gibberish_chars).then(PROMPT)
    share = mashed / visible_chars(noise).clip(1)
    many = (mashed >= cfg.min_gibberish_chars) & (share > cfg.max_mash)
    rest = pl.when(many).then(PROMPT).str.replace_all(MASH, "")
    wordless = ~rest.str.contains(WORDS)
    return hit(share, when=many & wordless)


def _repeats(new: float = 0.2) -> pl.Expr:
    """Return whether a text may have a share of only `new` 10-grams that are not repeated.

    A cheap screen: n different 10-grams hold at most n + 7 different triples, and every third
    triple is looked at. It misses only text with wide blanks, which are not counted later.
    """
    return pl.col(_NEW) <= new * PROMPT.str.len_chars() + _GRAM


def _share_of_one(text: str, least: float) -> float:
    """Return the share of the character seen most often; 0 where the others make words.

    Up to `least` nobody asks for the others.
    """
    seen = "".join(text.split())
    most = max(sorted(set(seen)), key=seen.count, default="")
    share = seen.count(most) / len(seen) if most else 0.0
    wordless = share > least and re.search(WORDS, text.replace(most, "")) is None
    return share if wordless else 0.0


def _packed(text: str) -> float:
    raw = text.encode()
    return len(zlib.compress(raw)) / len(raw)


def _repeated(text: str) -> float:
    text = " ".join(text.split())
    grams = len(text) - _GRAM + 1
    return 1 - len({text[start : start + _GRAM] for start in range(grams)}) / max(grams, 1)
