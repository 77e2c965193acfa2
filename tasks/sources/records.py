"""Read one log file record by record, in little memory and without giving up on any line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import file_digest, sha256
from io import BufferedReader
from pathlib import Path

from schemas.conversation import Unreadable
from tasks.sources.json_text import JsonObject, canonical, parse
from tasks.sources.lines import Line, split_lines, stand_in
from tasks.sources.streams import BOM, cannot_read, is_compressed, is_document, open_log

_CHUNK = 1 << 20
_TORN = "; no newline after it: the line may still be growing"


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record of a file, readable or not."""

    line: int  # 1-based line; in a JSON array, 1-based element
    raw: bytes  # the record; its sha256 when oversize, the file's when that is broken
    value: JsonObject | Unreadable
    end: int  # where to read on later: see read_records
    torn: bool = False  # a last line that may still be growing


def read_records(path: Path, *, offset: int = 0, max_bytes: int) -> Iterator[RawRecord]:
    """Read every record of JSON Lines, of a JSON array, or the one of a JSON object.

    .jsonl and .ndjson hold lines, .json what is_document says; all may end in .gz or .zst.
    Blank lines are no records. Every other line or element is one: an object, or the reason
    why it is none. Only arrays are held in memory.

    A plain file of lines is read from `offset` on: the `end` of an earlier record. A last line
    without newline that is no object may still be growing: it is Unreadable and its `end` is
    its start, so that it is read again. Any other file is read whole, whatever the offset, and
    all its records end at its size. A broken array, and the rest of broken compressed data, is
    one Unreadable.

    Raises:
        SourceError: the file cannot be opened or read.
    """
    line = 0
    with open_log(path) as stream:
        try:
            for record in _read(path, stream, offset, max_bytes):
                yield record
                line = record.line
        except OSError as error:
            if not is_compressed(path):
                raise cannot_read(path, error) from error
            yield _broken(path, line + 1, Unreadable("bad_encoding", f"cannot unpack: {error}"))


def _read(path: Path, stream: BufferedReader, offset: int, max_bytes: int) -> Iterator[RawRecord]:
    if is_document(path, stream):
        return _elements(path, stream.read(), max_bytes)
    if is_compressed(path):
        size = path.stat().st_size
        return (replace(record, end=size) for _, record in _lines(stream, 0, max_bytes))
    return (_hold(line, record) for line, record in _lines(stream, offset, max_bytes))


def _elements(path: Path, text: bytes, max_bytes: int) -> Iterator[RawRecord]:
    value = _parsed(text.removeprefix(BOM))
    if isinstance(value, Unreadable):
        yield _broken(path, 1, value)
        return
    size = path.stat().st_size
    for number, item in enumerate(value if isinstance(value, list) else [value], 1):
        raw = canonical(item)
        if len(raw) > max_bytes:
            reason = _oversize(len(raw), max_bytes)
            yield RawRecord(number, stand_in(sha256(raw).hexdigest()), reason, size)
        else:
            yield RawRecord(number, raw, _object(item), size)


def _lines(stream: BufferedReader, offset: int, max_bytes: int) -> Iterator[tuple[Line, RawRecord]]:
    before, end = _newlines(stream, offset), offset
    for number, line in enumerate(split_lines(stream, max_bytes), before + 1):
        end += line.size
        raw = (line.text.removeprefix(BOM) if number == 1 else line.text).strip()
        if raw:
            value = _oversize(line.size, max_bytes) if line.oversize else _object(_parsed(raw))
            yield line, RawRecord(number, raw, value, end)


def _newlines(stream: BufferedReader, offset: int) -> int:
    """Read up to `offset` and count the lines on the way: places in a file are line numbers."""
    newlines, left = 0, offset
    while left and (chunk := stream.read(min(left, _CHUNK))):
        newlines += chunk.count(b"\n")
        left -= len(chunk)
    return newlines


def _hold(line: Line, record: RawRecord) -> RawRecord:
    """Keep `end` before a line that may still be growing."""
    if not line.torn or not isinstance(record.value, Unreadable):
        return record
    value = Unreadable(record.value.reason, record.value.detail + _TORN)
    return replace(record, value=value, end=record.end - line.size, torn=True)


def _parsed(raw: bytes) -> object:
    """Return the JSON value, or why there is none; without traceback, which would hold `raw`."""
    try:
        return parse(raw.decode())
    except UnicodeDecodeError as error:
        return Unreadable("bad_encoding", f"not UTF-8: {error.reason} at byte {error.start}")
    except Unreadable as error:
        return Unreadable(error.reason, error.detail)


def _object(value: object) -> JsonObject | Unreadable:
    if isinstance(value, dict | Unreadable):
        return value
    return Unreadable("not_an_object", f"expected a JSON object, found {type(value).__name__}")


def _oversize(size: int, max_bytes: int) -> Unreadable:
    return Unreadable("oversize", f"{size} bytes, more than max_record_bytes = {max_bytes}")


def _broken(path: Path, line: int, reason: Unreadable) -> RawRecord:
    """Stand for all of a file, or the rest of it, that cannot be read."""
    with path.open("rb") as file:
        raw = stand_in(file_digest(file, "sha256").hexdigest())
    return RawRecord(line, raw, reason, path.stat().st_size)
