"""Forms of a text that are made to be compared, never stored and never trained on."""

import unicodedata

import polars as pl


def comparable(text: str) -> str:
    """Fold compatibility forms, case and white space: NFKC, casefold, NFKC, single blanks.

    The second NFKC is needed because casefolding can leave text that is no longer composed.
    Measured on Korean: NFC against NFD goes from Jaccard 0.015 to 1.0.
    """
    return " ".join(folded(text).split())


def folded(text: str) -> str:
    """Fold compatibility forms and case, and leave white space as it is."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def comparable_code(text: str) -> str:
    """Keep case and the white space that leads each line; single blanks elsewhere, NFC only.

    Blank lines, trailing blanks and line ends (CRLF or LF) do not count.
    """
    lines = unicodedata.normalize("NFC", text).splitlines()
    return "\n".join(_indentation(line) + " ".join(line.split()) for line in lines if line.strip())


def width_key(text: str) -> str:
    """Return a text that is equal for two texts that differ in width and outer space only.

    Full-width letters, punctuation and blanks become ASCII, half-width Kana and Hangul become
    full. Case, superscripts, ligatures and repeats stay: `3²` is not `32`. Canonically
    equivalent spellings (NFC, NFD) are one text by Unicode's definition, so they are equal too.
    """
    return unicodedata.normalize("NFC", text.translate(_OTHER_WIDTH)).strip()


def width_keys(texts: pl.Expr) -> pl.Expr:
    """Return the `width_key` of every text of a column, in a tenth of the time."""
    usual = {chr(code): text for code, text in _OTHER_WIDTH.items()}
    same_width = texts.str.replace_many(list(usual), list(usual.values()))
    return same_width.str.normalize("NFC").str.strip_chars(_BLANKS)


def _indentation(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _other_width() -> dict[int, str]:
    """Map each code point that Unicode decomposes as <wide> or <narrow> to its usual form."""
    usual = {}
    for code in (0x3000, *range(0xFF00, 0xFFF0)):
        tag, _, points = unicodedata.decomposition(chr(code)).partition(" ")
        if tag in {"<wide>", "<narrow>"}:
            usual[code] = "".join(chr(int(point, 16)) for point in points.split())
    return usual


_OTHER_WIDTH = _other_width()
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))  # what `strip` strips
