"""Find the brackets and commas of JSON of any size, without reading what is between them."""

import re
from collections.abc import Iterator
from io import BufferedReader

_PIECE = 1 << 16
_OUTSIDE = re.compile(rb'["\[\]{},]')
_IN_STRING = re.compile(rb'[^"\\]*(?:\\.[^"\\]*)*', re.DOTALL)


def tokens(stream: BufferedReader) -> Iterator[tuple[bytes, bytes]]:
    """Yield text and the bracket or comma after it; b"" in its place where a piece ends.

    Strings are text, whatever is in them. Put together again it is the stream.
    """
    in_string, left = False, b""
    while piece := stream.read1(_PIECE):
        text = left + piece
        start = at = 0
        while (at := _skip(text, at, in_string)) < len(text) and text[at] != _BACKSLASH:
            token, at = text[at : at + 1], at + 1
            if token == b'"':
                in_string = not in_string
            else:
                yield text[start : at - 1], token
                start = at
        yield text[start:at], b""
        left = text[at:]  # a backslash, whose other half is to come
    yield left, b""


_BACKSLASH = ord("\\")


def _skip(text: bytes, at: int, in_string: bool) -> int:
    """Return where the string ends, or where the next token is; the length if not in `text`."""
    if in_string:
        found = _IN_STRING.match(text, at)
        return found.end() if found else at
    found = _OUTSIDE.search(text, at)
    return found.start() if found else len(text)
