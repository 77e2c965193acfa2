"""Split the text of a table into rows; a quoted field may go over many lines."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TextIO

from schemas.conversation import Unreadable
from tasks.sources.raw_record import hash_text, oversize

_PIECE = 1 << 16
_NEWLINES = ("\n", "\r")


@dataclass(frozen=True, slots=True)
class Row:
    """One row, readable or not."""

    line: int  # of the file, where it begins, from 1
    raw: bytes  # its text, or the hash of it
    cells: list[str] | Unreadable
    torn: bool = False  # the file ends within a quoted field


def read_rows(text: TextIO, delimiter: str, max_chars: int) -> Iterator[Row]:
    """Yield every row that is not blank; one over `max_chars` is hashed piece by piece.

    Where quotes are wrong, the first line is the broken row, and reading goes on at the second.
    """
    csv.field_size_limit(max(csv.field_size_limit(), 2 * max_chars))
    lines = _Lines(text, max_chars)
    while not lines.at_end:
        try:
            for cells in csv.reader(lines, delimiter=delimiter, strict=True):
                row = lines.row(cells)
                if any(cell.strip() for cell in cells):
                    yield row
        except _TooLong:
            yield lines.skip_row()
        except csv.Error as error:
            yield lines.broken_row(error)


class _TooLong(Exception):
    """A row is longer than may be held."""


class _Lines:
    """The lines of a table, with a memory of those that the row at hand has taken."""

    def __init__(self, text: TextIO, max_chars: int) -> None:
        self.at_end = False
        self._text, self._max_chars = text, max_chars
        self._first = 1  # line of the file where the row begins
        self._taken: list[str] = []
        self._size = 0
        self._again: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._text.readline(self._max_chars + 1)
        self.at_end = not line
        if self.at_end:
            raise StopIteration
        self._taken.append(line)
        self._size += len(line)
        if self._size > self._max_chars:
            raise _TooLong
        return line

    def row(self, cells: list[str] | Unreadable, *, torn: bool = False) -> Row:
        """Return the row that was just read."""
        return Row(self._first, self._forget(len(self._taken)), cells, torn)

    def broken_row(self, error: csv.Error) -> Row:
        """Return the first line as a row that cannot be read, and go back to the second."""
        if self.at_end:
            reason = "the table ends within a quoted field"
            return self.row(Unreadable("truncated", reason), torn=True)
        self._again.extendleft(reversed(self._taken[1:]))
        first = self._first
        return Row(first, self._forget(1), Unreadable("not_an_object", f"no CSV row: {error}"))

    def skip_row(self) -> Row:
        """Read to the end of a row that is too long: the line that closes its last quotes."""
        first, size, piece = self._first, self._size, self._taken[-1]
        quotes = sum(line.count('"') for line in self._taken)
        lines = sum(line.endswith(_NEWLINES) for line in self._taken)
        digest = sha256(self._forget(len(self._taken)))
        while (quotes % 2 or not piece.endswith(_NEWLINES)) and (piece := self._piece()):
            digest.update(_bytes(piece))
            lines += piece.endswith(_NEWLINES)
            size, quotes = size + len(piece), quotes + piece.count('"')
        self._first = first + lines
        return Row(first, hash_text(digest.hexdigest()), oversize(size, self._max_chars))

    def _piece(self) -> str:
        return self._again.popleft() if self._again else self._text.readline(_PIECE)

    def _forget(self, lines: int) -> bytes:
        """Go on to the next row, `lines` further; return the text of this one."""
        raw = _bytes("".join(self._taken[:lines])).strip()
        self._first += lines
        self._taken, self._size = [], 0
        return raw


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
