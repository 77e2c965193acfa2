"""Read one log file record by record, in little memory and without giving up on any of it."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import file_digest

from schemas.conversation import Unreadable
from tasks.sources.documents import document_records
from tasks.sources.encodings import as_utf8, encoding_of
from tasks.sources.json_lines import line_records
from tasks.sources.parquet import parquet_records
from tasks.sources.pieces import BUFFER
from tasks.sources.raw_record import RawRecord, hash_text
from tasks.sources.sql import Window
from tasks.sources.streams import (
    PARQUET,
    LogFile,
    cannot_read,
    inner_ending,
    is_compressed,
    layout,
    open_bytes,
    open_log,
)
from tasks.sources.tables import table_records

__all__ = ["Log", "RawRecord", "read_records"]


Log = LogFile | Window


def read_records(path: Log, *, offset: int = 0, max_bytes: int) -> Iterator[RawRecord]:
    """Read every record: JSON lines or documents, the rows of a CSV or Parquet table or of a query.

    The ending and the first bytes say what it is. All but Parquet may end in .gz or .zst, and be
    in UTF-8, UTF-16 or GB18030. Only one record is held in memory. What is no record is an
    Unreadable with its reason; so is, once, the rest of a file that breaks off.

    A plain file of lines is read from `offset` on: the `end` of an earlier record. Any other is
    read whole, whatever the offset, and all its records end at its size.

    Raises:
        Vanished: the file is gone.
        SourceError: it cannot be opened or read.
    """
    if isinstance(path, Window):
        yield from path.records(max_bytes)
        return
    line = 0
    try:
        for record in _read(path, offset, max_bytes):
            yield record
            line = record.line
    except Unreadable as broken:
        yield _rest(path, line + 1, Unreadable(broken.reason, broken.detail))
    except OSError as error:
        raise cannot_read(path, error) from error


def _read(path: LogFile, offset: int, max_bytes: int) -> Iterator[RawRecord]:
    if inner_ending(path) == PARQUET:
        yield from parquet_records(path, max_bytes)
        return
    size = path.stat().st_size
    with open_log(path) as stream:
        head = stream.peek(BUFFER)
        encoding, found = encoding_of(head), layout(path, head)
        if found == "document":
            yield from document_records(as_utf8(stream, encoding), size, max_bytes)
        elif found == "table":
            delimiter = "\t" if inner_ending(path) == ".tsv" else None
            yield from table_records(as_utf8(stream, encoding), size, delimiter, max_bytes)
        elif is_compressed(path):
            for record in line_records(stream, encoding, 0, max_bytes):
                yield replace(record, end=size)
        else:
            yield from line_records(stream, encoding, offset, max_bytes)


def _rest(path: LogFile, line: int, reason: Unreadable) -> RawRecord:
    """Stand for all of a file, or the rest of it, that cannot be read."""
    with open_bytes(path) as file:
        raw = hash_text(file_digest(file, "sha256").hexdigest())
    return RawRecord(line, raw, reason, path.stat().st_size, torn=True)
