"""Read CSV and TSV row by row: the first names the columns, each other one is a record."""

import csv
from collections.abc import Iterator, Sequence
from io import BufferedReader, StringIO, TextIOWrapper
from itertools import islice

from schemas.conversation import Unreadable
from tasks.sources.encodings import decode
from tasks.sources.json_text import storable
from tasks.sources.pieces import BUFFER
from tasks.sources.raw_record import RawRecord, row_record
from tasks.sources.rows import Row, read_rows

_DELIMITERS = (",", ";", "\t", "|")  # order = who wins a tie
_SAMPLE = 20  # rows


def table_records(
    stream: BufferedReader, size: int, delimiter: str | None, max_bytes: int
) -> Iterator[RawRecord]:
    """Read every row of a table as {column: text}; blank rows are none.

    `line` is the line of the file that the row begins on; all end at `size`, that of the file. A
    row with too few fields, or with too many that are not empty, is Unreadable: nobody can tell
    which column its values belong to.

    Args:
        stream: in UTF-8.
        size: of the file.
        delimiter: between fields; None: the one of , ; tab | that the first rows agree on.
        max_bytes: longest record.

    Raises:
        Unreadable: the row that names the columns cannot be read.
    """
    delimiter = delimiter or _delimiter(stream.peek(BUFFER).decode("utf-8", "replace"))
    with TextIOWrapper(stream, "utf-8-sig", errors="surrogateescape", newline="") as text:
        rows = read_rows(text, delimiter, max_bytes)
        names = unique_names(_header(next(rows, None)))
        for row in rows:
            yield _record(row, names, size, max_bytes)


def unique_names(names: Sequence[str]) -> list[str]:
    """Give a column without a name its number, and one that repeats a name the number of times."""
    unique: list[str] = []
    for number, given in enumerate(names, 1):
        name = base = given.strip() or f"column_{number}"
        times = 1
        while name in unique:
            times += 1
            name = f"{base}_{times}"
        unique.append(name)
    return unique


def _header(row: Row | None) -> list[str]:
    cells = _cells(row) if row else []
    if isinstance(cells, Unreadable):
        raise Unreadable(cells.reason, f"the names of the columns: {cells.detail}")
    return cells


def _record(row: Row, names: list[str], size: int, max_bytes: int) -> RawRecord:
    cells = _cells(row)
    if not isinstance(cells, Unreadable):
        if len(cells) >= len(names) and not any(cells[len(names) :]):
            value = {name: storable(cell) for name, cell in zip(names, cells, strict=False)}
            return row_record(value, row.line, size, max_bytes)
        cells = Unreadable("not_an_object", f"{len(cells)} fields, the header has {len(names)}")
    return RawRecord(row.line, row.raw, cells, size, torn=row.torn)


def _cells(row: Row) -> list[str] | Unreadable:
    """Return the cells of a row as text; bytes that are not UTF-8 may yet be GB18030."""
    if isinstance(row.cells, Unreadable) or _is_utf8(row.raw):
        return row.cells
    try:
        decode(row.raw, "utf-8")
    except Unreadable as error:
        return Unreadable(error.reason, error.detail)
    cells = (cell.encode("utf-8", "surrogateescape") for cell in row.cells)
    return [cell.decode("gb18030", "replace") for cell in cells]


def _is_utf8(raw: bytes) -> bool:
    try:
        return raw.decode() is not None
    except UnicodeDecodeError:
        return False


def _delimiter(head: str) -> str:
    """Return what splits most of the first rows into as many fields as the header has."""

    def fit(delimiter: str) -> tuple[float, int]:
        rows = list(islice(csv.reader(StringIO(head, newline=""), delimiter=delimiter), _SAMPLE))
        width = len(rows[0]) if rows else 0
        return (width > 1) * sum(len(row) == width for row in rows), width

    return max(_DELIMITERS, key=fit)
