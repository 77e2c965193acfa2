"""One record as it was logged: an object, or the reason why it is none."""

from dataclasses import dataclass
from hashlib import sha256

from schemas.conversation import Unreadable
from tasks.sources.encodings import UTF_8, decode
from tasks.sources.json_text import JsonObject, canonical, parse


@dataclass(frozen=True, slots=True)
class RawRecord:
    """One record of a file or of a query, readable or not."""

    line: int  # from 1: line of a file, element of an array, row of a Parquet file or query
    raw: bytes  # the record in UTF-8; its sha256 when it is oversize or the rest of a file
    value: JsonObject | Unreadable
    end: int  # where to read on later: see read_records
    torn: bool = False  # the end of what may still be growing: it is read again


def parsed(raw: bytes, encoding: str = UTF_8) -> tuple[bytes, JsonObject | Unreadable]:
    """Return `raw` in UTF-8, and the object that it is or the reason why it is none."""
    try:
        text = decode(raw, encoding)
        raw = text.encode()
        return raw, as_record(parse(text))
    except Unreadable as error:
        return raw, Unreadable(error.reason, error.detail)  # one that was raised holds the text


def as_record(value: object) -> JsonObject | Unreadable:
    """Return an object as it is, and of anything else the reason that it is none."""
    if isinstance(value, dict):
        return value
    return Unreadable("not_an_object", f"expected a JSON object, found {type(value).__name__}")


def row_record(
    row: JsonObject | Unreadable, line: int, end: int, max_bytes: int, raw: bytes = b""
) -> RawRecord:
    """Make the record of an object that is known by what it says, not by how it is spaced."""
    if isinstance(row, Unreadable):
        return RawRecord(line, raw, row, end)
    raw = canonical(row)
    if len(raw) > max_bytes:
        too_long = oversize(len(raw), max_bytes)
        return RawRecord(line, hash_text(sha256(raw).hexdigest()), too_long, end)
    return RawRecord(line, raw, row, end)


def hash_text(hexdigest: str) -> bytes:
    """Return what stands for bytes that are not kept."""
    return f"sha256:{hexdigest}".encode()


def oversize(size: int, max_bytes: int) -> Unreadable:
    """Say how large a record is."""
    return Unreadable("oversize", f"{size} bytes, more than max_record_bytes = {max_bytes}")
