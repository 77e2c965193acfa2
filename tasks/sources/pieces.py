"""A stream over a function that returns some bytes."""

import io
from collections.abc import Callable
from typing import Any

BUFFER = 1 << 16  # bytes


class _Pieces(io.RawIOBase):
    """Fill each buffer as far as it goes; an error waits until what came before it is taken."""

    def __init__(self, read: Callable[[int], bytes], close: Callable[[], None]) -> None:
        self._read = read
        self._close = close
        self._left = b""
        self._error: Exception | None = None

    def readable(self) -> bool:
        """Say that this can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer`, less of it only at the end or before an error."""
        size = len(buffer)
        self._fetch(size)
        if self._error and not self._left:
            raise self._error
        taken, self._left = self._left[:size], self._left[size:]
        buffer[: len(taken)] = taken
        return len(taken)

    def close(self) -> None:
        """Close what is read too."""
        if not self.closed:
            self._close()
        super().close()

    def _fetch(self, size: int) -> None:
        try:
            while len(self._left) < size and not self._error and (piece := self._read(size)):
                self._left += piece
        except Exception as error:
            self._error = error


def buffered(
    read: Callable[[int], bytes], close: Callable[[], None] = lambda: None
) -> io.BufferedReader:
    """Return a stream of what `read(size)` returns: some bytes, more or fewer, none at the end."""
    return io.BufferedReader(_Pieces(read, close), BUFFER)
