"""Split a stream into lines without holding more than one, and none that is too long."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from tasks.sources.raw_record import hash_text

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    text: bytes  # newline included; of an oversize line, its hash
    size: int  # bytes it takes in the file
    oversize: bool
    torn: bool  # without newline: the end of the file


def split_lines(
    stream: BinaryIO, max_bytes: int, size_of: Callable[[bytes], int] = len
) -> Iterator[Line]:
    """Yield line by line; one over `max_bytes`, its newline aside, is hashed piece by piece.

    Args:
        stream: text in UTF-8, or in what has newlines of one byte too.
        max_bytes: longest line to hold.
        size_of: tells how many bytes a piece of the stream takes in the file.
    """
    limit = max_bytes + 2  # "\r\n"
    while head := stream.readline(limit):
        torn = not head.endswith(b"\n")
        if len(head.rstrip(b"\r\n")) > max_bytes or (torn and len(head) == limit):
            yield _skip(stream, head, size_of)
        else:
            yield Line(head, size_of(head), oversize=False, torn=torn)


def _skip(stream: BinaryIO, head: bytes, size_of: Callable[[bytes], int]) -> Line:
    digest, size, piece = sha256(head), size_of(head), head
    while not piece.endswith(b"\n") and (piece := stream.readline(_PIECE)):
        digest.update(piece)
        size += size_of(piece)
    return Line(hash_text(digest.hexdigest()), size, oversize=True, torn=not piece)
