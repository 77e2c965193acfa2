"""Read JSON Lines: a record per line, from anywhere on."""

from collections.abc import Iterator
from io import BufferedReader
from typing import NamedTuple

from schemas.conversation import Unreadable
from tasks.sources.encodings import BOM, as_utf8, is_utf16, size_in
from tasks.sources.json_text import JsonObject
from tasks.sources.lines import Line, split_lines
from tasks.sources.raw_record import RawRecord, oversize, parsed

_CHUNK = 1 << 20
_TORN = "; no newline after it: the line may still be growing"
_CUT = ("invalid_json", "bad_encoding")


class _Place(NamedTuple):
    number: int  # from 1
    end: int  # bytes of the file up to and with it


def line_records(
    stream: BufferedReader, encoding: str, offset: int, max_bytes: int
) -> Iterator[RawRecord]:
    """Read from `offset` on: the `end` of an earlier record.

    Blank lines are no records, every other line is one. A last line without newline that is no
    object is held: it is Unreadable, and its `end` is its start.
    """
    for place, line in _lines(stream, encoding, offset, max_bytes):
        raw = line.text.removeprefix(BOM).strip()  # files with a mark may have been joined
        if not raw:
            continue
        value: JsonObject | Unreadable = oversize(line.size, max_bytes)
        if not line.oversize:
            raw, value = parsed(raw, encoding)
        if line.torn and isinstance(value, Unreadable):
            yield RawRecord(place.number, raw, _held(value), place.end - line.size, torn=True)
        else:
            yield RawRecord(place.number, raw, value, place.end)


def _lines(
    stream: BufferedReader, encoding: str, offset: int, max_bytes: int
) -> Iterator[tuple[_Place, Line]]:
    """Yield the lines after `offset`. Those of UTF-16 are counted from the start."""
    before = end = 0
    if is_utf16(encoding):
        stream = as_utf8(stream, encoding)
    else:
        before, end = _newlines(stream, offset), offset
    for number, line in enumerate(split_lines(stream, max_bytes, size_in(encoding)), before + 1):
        end += line.size
        if end > offset:
            yield _Place(number, end), line


def _newlines(stream: BufferedReader, offset: int) -> int:
    """Read up to `offset` and count the lines on the way: places in a file are line numbers."""
    newlines, left = 0, offset
    while left and (chunk := stream.read(min(left, _CHUNK))):
        newlines += chunk.count(b"\n")
        left -= len(chunk)
    return newlines


def _held(value: Unreadable) -> Unreadable:
    reason = "truncated" if value.reason in _CUT else value.reason
    return Unreadable(reason, value.detail + _TORN)
