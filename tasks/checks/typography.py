"""Find quotation marks and stops of another language than the answer's."""

import re

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated

_CODE = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|https?://\S+|\$[^$\n]+\$", re.DOTALL)
_INCHES = re.compile(r"(?<=\d)[\"”″]")
_PAIRS = (("“", "”"), ("「", "」"), ("『", "』"), ("《", "》"), ("«", "»"))
_ANEW = re.compile(r"\n[ \t]*“")
_CJK_QUOTES = re.compile(r"[「」『』《》〈〉【】]")
_OTHER_QUOTES = re.compile(r"[«»„‚‹›]")
_HALF = re.compile(r"[一-鿿][,;!?](?=[\s一-鿿]|$)|[一-鿿]\.(?=\s|$|[一-鿿])")
_FULL = re.compile(r"[，。；！？、]")
_CJK = re.compile(r"[一-鿿぀-ヿ]")
_FULL_ALONE = re.compile(r"(?<=[A-Za-z0-9가-힣\s)])[，。．；！？、：](?=[A-Za-z0-9가-힣\s]|$)")
_COMMAS = re.compile(r"逗号|csv", re.IGNORECASE)  # were asked for
_MOST_HALF = 0.15  # of the stops of a Chinese text


def _has_quotes(cfg: CheckSettings) -> pl.Expr:
    return pl.col("answer").str.contains('["“”„«»‚‹›「」『』《》〈〉]')


@gated(_has_quotes)
def wrong_quotes(row: Answered, cfg: CheckSettings) -> str | None:
    """Find quotation marks of another language, and ones that open or close nothing."""
    text = _CODE.sub(" ", row.answer)
    if (unpaired := _unpaired(text)) and _unpaired(_INCHES.sub(" ", text)):
        return f"a quotation mark {unpaired} has no partner"
    if row.language in {"zh", "ko", "ja", "en"} and (odd := _OTHER_QUOTES.search(text)):
        was_there = odd[0] in row.prompt
        return None if was_there else f"{odd[0]} is no quotation mark of {row.language!r}"
    if row.language == "en" and not _CJK.search(text) and (odd := _CJK_QUOTES.search(text)):
        return f"{odd[0]} is no quotation mark of English"
    if row.language == "zh" and _mixed(text):
        return "straight and Chinese quotation marks are mixed"
    return None


def _unpaired(text: str) -> str | None:
    for opening, closing in _PAIRS:
        # a quotation of several paragraphs opens each of them and closes the last
        anew = _ANEW.findall(text) if opening == "“" else []
        if not text.count(opening) - len(anew) <= text.count(closing) <= text.count(opening):
            return opening
    return '"' if text.count('"') % 2 else None


def _mixed(text: str) -> bool:
    straight = re.search(r'"[^"\n]*[一-鿿][^"\n]*"', text)
    return bool(straight and re.search(r"“[^”\n]*[一-鿿]", text))


def _has_stops(cfg: CheckSettings) -> pl.Expr:
    return pl.col("answer").str.contains(r"\p{Han}[,;:!?.]|[，。．；！？、：]")


@gated(_has_stops)
def wrong_punctuation(row: Answered, cfg: CheckSettings) -> str | None:
    """Find half-width stops between Chinese signs, and full-width ones in English or Korean."""
    text = _CODE.sub(" ", row.answer)
    if row.language == "zh":
        half, full = len(_HALF.findall(text)), len(_FULL.findall(text))
        if half and half >= _MOST_HALF * (half + full) and not _COMMAS.search(row.prompt):
            return "half-width commas and stops in a Chinese text"
        return None
    if row.language in {"en", "ko"} and not _CJK.search(text):
        odd = _FULL_ALONE.search(text)
        return f"full-width {odd[0]} in a text in {row.language!r}" if odd else None
    return None
