"""How the demo counts tokens: four ASCII characters are one token, any other character is one.

A tokenizer would need a download; this is near enough for usage, prices and `max_tokens`.
"""

from math import ceil

_ASCII_SHARE = 0.25


def count(text: str) -> int:
    """Estimate the tokens of a text, rounded up."""
    return ceil(_weight(text))


def cut(text: str, limit: int) -> str:
    """Return the longest beginning of `text` that has at most `limit` tokens."""
    if _weight(text) <= limit:
        return text
    used = 0.0
    for position, character in enumerate(text):
        used += _ASCII_SHARE if character.isascii() else 1
        if used > limit:
            return text[:position]
    return text


def _weight(text: str) -> float:
    wide = sum(not character.isascii() for character in text) if not text.isascii() else 0
    return (len(text) - wide) * _ASCII_SHARE + wide
