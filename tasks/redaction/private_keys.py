"""Private keys in the blocks of text that tools write them in."""

import re
from collections.abc import Iterator

from tasks.redaction.spans import Span

HINT = "PRIVATE KEY|PuTTY-User-Key-File"
_NAME = r"(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?"
_LINE = r"[A-Za-z0-9+/=]"
_PEM = re.compile(
    rf"-----BEGIN {_NAME}-----"
    rf"(?:(?:(?!-----).){{16,20000}}?-----END {_NAME}-----"
    rf"|(?:\s*{_LINE}{{16,}})+(?:\s*{_LINE}+\Z)?)",  # cut off before its end
    re.DOTALL,
)
# What a log that begins later shows. Possessive: a wall of letters is read once.
_END_OF_PEM = re.compile(
    rf"((?:{_LINE}{{32,}}+\s++)++(?:{_LINE}{{4,}}+\s++)?)-----END {_NAME}-----"
)
_PUTTY = re.compile(
    r"PuTTY-User-Key-File-[0-9]:(?:(?!PuTTY-User-Key-File).){1,20000}?Private-MAC: ?[0-9a-f]+"
    rf"|Private-Lines: ?[0-9]+\s+(?:{_LINE}{{16,}}\s*)+",
    re.DOTALL,
)


def private_keys(text: str) -> Iterator[Span]:
    """Yield PEM, PGP and PuTTY blocks whole, or as much as is there of one that was cut off."""
    for pattern in (_PEM, _PUTTY):
        yield from (found.span() for found in pattern.finditer(text))
    yield from (found.span(1) for found in _END_OF_PEM.finditer(text))
