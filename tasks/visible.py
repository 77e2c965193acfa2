"""What a reader sees of a text."""

import polars as pl

# White space, control and format characters (zero-width ones, direction marks, byte order marks),
# variation selectors, and four letters that Unicode defines as blank: the Hangul fillers and the
# empty Braille cell.
INVISIBLE = (
    r"[\p{White_Space}\p{Cc}\p{Cf}\p{Variation_Selector}"
    r"\x{034F}\x{115F}\x{1160}\x{2800}\x{3164}\x{FFA0}]+"
)


def visible_chars(text: pl.Expr) -> pl.Expr:
    """Count the characters that leave ink on the page; 0 for null."""
    return text.fill_null("").str.replace_all(INVISIBLE, "").str.len_chars()
