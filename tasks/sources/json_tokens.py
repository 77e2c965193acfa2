"""Find where the values of a JSON document begin and end, without reading what is in them."""

import re
from collections.abc import Iterator
from io import BufferedReader

_PIECE = 1 << 16
_IN_STRING = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_TO_STRING = re.compile(rb'(?:[^"\[\]{},]++|"[^"\\]*+(?:\\.[^"\\]*+)*+")*+', re.DOTALL)
_TO_TOKEN = re.compile(_TO_STRING.pattern + rb"[\[\]{},]", re.DOTALL)
STEPS = {b"{": 1, b"[": 1, b"}": -1, b"]": -1}  # of the depth


def tokens(stream: BufferedReader) -> Iterator[tuple[bytes, bytes]]:
    """Yield text and the bracket or comma after it, or b"" where a piece ends.

    What is in strings, and what is nested within two levels, is text. All put together again is
    the stream.
    """
    in_string, left, depth = False, b"", 0
    while piece := stream.read1(_PIECE):
        text = left + piece
        start = at = 0
        while at < len(text):
            if in_string or not (found := _TO_TOKEN.match(text, at)):
                at, in_string = _within(text, at, in_string)
                if in_string:
                    break
                continue
            at = found.end()
            before, depth = depth, depth + STEPS.get(text[at - 1 : at], 0)
            if before < 2 or depth < 2:
                yield text[start : at - 1], text[at - 1 : at]
                start = at
        yield text[start:at], b""
        left = text[at:]  # a backslash, whose other half is to come
    yield left, b""


def _within(text: bytes, at: int, in_string: bool) -> tuple[int, bool]:
    """Go past the string that goes on at `at`, or past what is ahead of one that does not end.

    Returns where that is, and whether it is within a string.
    """
    if not in_string:
        found = _TO_STRING.match(text, at)
        at = found.end() if found else len(text)
        if at == len(text):
            return at, False
        at += 1
    ended = _IN_STRING.match(text, at)
    at = ended.end() if ended else len(text)
    is_over = text[at : at + 1] == b'"'
    return at + is_over, not is_over
