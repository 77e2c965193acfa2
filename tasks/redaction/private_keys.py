"""Private keys in the blocks of text that tools write them in."""

import re
import string
from collections.abc import Iterator

from tasks.redaction.spans import Span

HINT = "PRIVATE KEY|PuTTY-User-Key-File"
_NAME = r"(?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?"
_BASE64 = "[A-Za-z0-9+/=]"
_MAX = 20_000  # characters of a block
_PEM = re.compile(
    rf"-----BEGIN {_NAME}-----"
    rf"(?:(?:(?!-----).){{16,{_MAX}}}?-----END {_NAME}-----"
    rf"|(?:\s*{_BASE64}{{16,}})+(?:\s*{_BASE64}+\Z)?)",  # cut off before its end
    re.DOTALL,
)
_END = re.compile(f"-----END {_NAME}-----")
_LETTERS = string.ascii_letters + string.digits + "+/="
_FULL_LINE, _SHORTEST_LINE = 32, 4  # characters, at least; the last line is a short one
_PUTTY = re.compile(
    rf"PuTTY-User-Key-File-[0-9]:(?:(?!PuTTY-User-Key-File).){{1,{_MAX}}}?Private-MAC: ?[0-9a-f]+"
    rf"|Private-Lines: ?[0-9]+\s+(?:{_BASE64}{{16,}}\s*)+",
    re.DOTALL,
)


def private_keys(text: str) -> Iterator[Span]:
    """Yield PEM, PGP and PuTTY blocks whole, or as much as is there of one that was cut off."""
    for pattern in (_PEM, _PUTTY):
        yield from (found.span() for found in pattern.finditer(text))
    for end in _END.finditer(text):
        start = _start_of_lines(text, end.start())
        if start < end.start():
            yield start, end.start()


def _start_of_lines(text: str, end: int) -> int:
    """Return where the lines of Base64 before `end` begin, which a log may not show the head of."""
    first = max(0, end - _MAX)
    start, is_key = end, False
    for word in reversed(list(re.finditer(r"\S+", text[first:end]))):
        other = len(word.group().rstrip(_LETTERS))  # characters before the Base64
        length = len(word.group()) - other
        if length >= _SHORTEST_LINE:
            start, is_key = first + word.start() + other, is_key or length >= _FULL_LINE
        if other or length < _SHORTEST_LINE:
            break
    return start if is_key else end
