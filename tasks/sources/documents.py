"""Read JSON documents piece by piece: objects, and arrays of any size, one after the other."""

from collections.abc import Iterator
from hashlib import sha256
from io import BufferedReader

from schemas.conversation import Unreadable
from tasks.sources.encodings import BOM
from tasks.sources.json_tokens import STEPS, tokens
from tasks.sources.raw_record import RawRecord, hash_text, oversize, parsed, row_record

_SPACING = 4  # what is held may be this many times as long as the record without spacing
_BLANK = BOM + b" \t\r\n"


def document_records(stream: BufferedReader, size: int, max_bytes: int) -> Iterator[RawRecord]:
    """Read every object, and every element of every array, of a stream in UTF-8.

    `line` is its number, from 1; all end at `size`, that of the file. An element that is no JSON
    is one Unreadable. So is the rest: what a document that ends early was about to say, or all
    that follows where brackets or commas are wrong.
    """
    line = 0
    try:
        for held in _Document(max_bytes * _SPACING).values(tokens(stream)):
            line += 1
            yield held.record(line, size, max_bytes)
    except _Rest as rest:
        last = rest.held.record(line + 1, size, max_bytes)
        if not isinstance(last.value, Unreadable):  # whole, but for the comma after it
            yield last
        whole = not isinstance(last.value, Unreadable)
        yield RawRecord(line + 1 + whole, b"" if whole else last.raw, rest.reason, size, torn=True)


class _Held:
    """The text of a value: kept up to a limit, only hashed when it is longer."""

    def __init__(self, limit: int) -> None:
        self.text, self._size = bytearray(), 0
        self._limit, self._digest = limit, sha256()

    def add(self, text: bytes) -> None:
        """Add a piece; what is blank ahead of it does not count."""
        text = text if self._size else text.lstrip()
        self._size += len(text)
        if self._size > self._limit:
            self._digest.update(self.text + text)
            self.text.clear()
        else:
            self.text += text

    def is_blank(self) -> bool:
        """Tell whether there is nothing yet."""
        return self._size <= self._limit and not self.text.strip()

    def record(self, line: int, end: int, max_bytes: int) -> RawRecord:
        """Return the record that the text is."""
        if self._size > self._limit:
            stand_in = hash_text(self._digest.hexdigest())
            return RawRecord(line, stand_in, oversize(self._size, max_bytes), end)
        raw, value = parsed(bytes(self.text).strip())
        return row_record(value, line, end, max_bytes, raw)


class _Rest(Exception):
    """The rest of a document, which cannot be read."""

    def __init__(self, held: _Held, reason: Unreadable) -> None:
        self.held, self.reason = held, reason


class _Document:
    """Where in a document we are."""

    def __init__(self, limit: int) -> None:
        self._limit, self._held = limit, _Held(limit)
        self._depth = 0
        self._in_array = False
        self._is_first = True  # nothing of the array has been read

    def values(self, found: Iterator[tuple[bytes, bytes]]) -> Iterator[_Held]:
        """Yield the text of each object and element.

        Raises:
            _Rest: what follows cannot be read.
        """
        for text, token in found:
            if self._depth:
                yield from self._take(text, token)
            elif text.strip(_BLANK) or token not in (b"", b"[", b"{"):
                raise self._astray(text + token, found)
            else:
                self._open(token)
        if self._depth:
            reason = Unreadable("truncated", "the document ends early; the rest is missing")
            raise _Rest(self._held, reason)

    def _open(self, token: bytes) -> None:
        self._depth, self._in_array, self._is_first = len(token), token == b"[", True
        self._held.add(b"" if self._in_array else token)

    def _take(self, text: bytes, token: bytes) -> Iterator[_Held]:
        self._depth += STEPS.get(token, 0)
        self._held.add(text)
        if self._depth and not (self._in_array and self._depth == 1 and token == b","):
            self._held.add(token)
            return
        if not self._in_array:
            self._held.add(token)
        done, self._held = self._held, _Held(self._limit)
        if token == b"," or not (self._is_first and done.is_blank()):
            yield done
        self._is_first = False

    def _astray(self, text: bytes, after: Iterator[tuple[bytes, bytes]]) -> _Rest:
        held = _Held(0)
        held.add(text)
        for more, token in after:
            held.add(more + token)
        return _Rest(held, Unreadable("invalid_json", "expected [ or { between JSON values"))
