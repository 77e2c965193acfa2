"""Read Parquet row by row, some hundred in memory at once."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from schemas.conversation import Unreadable
from tasks.sources.raw_record import RawRecord, hash_text, row_record
from tasks.sources.streams import LogFile, open_bytes
from tasks.sources.tables import unique_names
from tasks.sources.values import json_row

_BATCH = 256  # rows
_BUFFER = 1 << 20  # bytes read of a column at once
_MAGIC = b"PAR1"


def parquet_records(path: LogFile, max_bytes: int) -> Iterator[RawRecord]:
    """Read every row as {column: JSON value}; `line` is its number, from 1.

    Raises:
        Unreadable: the file is cut off or damaged.
        SourceError: it cannot be opened.
    """
    line, size = 1, path.stat().st_size
    with open_bytes(path) as file:
        magic = file.peek(len(_MAGIC))[: len(_MAGIC)]
        try:
            for batch in _batches(file) if magic else ():
                yield from _records(batch, line, size, max_bytes)
                line += len(batch)
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, OSError) and error.errno:
                raise
            raise _damaged(magic, error) from error


def _batches(file: object) -> Iterator[Any]:
    table = pq.ParquetFile(file, pre_buffer=False, buffer_size=_BUFFER)
    for batch in table.iter_batches(_BATCH, use_threads=False):
        known = batch.cast(pa.schema(map(_as_known, batch.schema)), safe=False)
        yield known.rename_columns(unique_names(known.schema.names))


def _as_known(field: Any) -> Any:
    return field.with_type(_known(field.type))


def _known(kind: Any) -> Any:
    """Return the type that Python can hold in place of `kind`: it has no nanoseconds."""
    types = pa.types
    if types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if types.is_struct(kind):
        return pa.struct([_as_known(kind.field(number)) for number in range(kind.num_fields)])
    if types.is_map(kind):
        return pa.map_(kind.key_type, _known(kind.item_type))
    if types.is_list(kind) or types.is_large_list(kind):
        make = pa.list_ if types.is_list(kind) else pa.large_list
        return make(_as_known(kind.value_field))
    simple = {pa.time64("ns"): pa.time64("us"), pa.duration("ns"): pa.duration("us")}
    return simple.get(kind, kind)


def _records(batch: Any, line: int, size: int, max_bytes: int) -> Iterator[RawRecord]:
    try:
        rows = batch.to_pylist(maps_as_pydicts="lossy")
    except UnicodeDecodeError as error:
        if len(batch) > 1:
            for number in range(len(batch)):
                yield from _records(batch.slice(number, 1), line + number, size, max_bytes)
            return
        raw = hash_text(sha256(batch.serialize()).hexdigest())
        reason = Unreadable("bad_encoding", f"not UTF-8: {error.reason} at byte {error.start}")
        yield RawRecord(line, raw, reason, size)
        return
    for number, row in enumerate(rows):
        yield row_record(json_row(row), line + number, size, max_bytes)


def _damaged(magic: bytes, error: Exception) -> Unreadable:
    if magic == _MAGIC and "magic bytes not found" in str(error):
        return Unreadable("truncated", "the file ends early: a Parquet file ends with its index")
    return Unreadable("bad_encoding", f"no Parquet from here on: {error}")
