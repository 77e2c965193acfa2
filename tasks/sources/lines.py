"""Split a stream into lines without holding more than one, and none that is too long."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file."""

    text: bytes  # newline included; of an oversize line, its stand-in
    size: int  # bytes it takes in the file
    oversize: bool
    torn: bool  # without newline: the end of the file


def split_lines(stream: BinaryIO, max_bytes: int) -> Iterator[Line]:
    """Yield line by line; one over `max_bytes`, its newline aside, is hashed piece by piece."""
    limit = max_bytes + 2  # "\r\n"
    while head := stream.readline(limit):
        torn = not head.endswith(b"\n")
        if len(head.rstrip(b"\r\n")) > max_bytes or (torn and len(head) == limit):
            yield _skip(stream, head)
        else:
            yield Line(head, len(head), oversize=False, torn=torn)


def stand_in(hexdigest: str) -> bytes:
    """Return what stands for bytes that are not kept."""
    return f"sha256:{hexdigest}".encode()


def _skip(stream: BinaryIO, head: bytes) -> Line:
    digest, size, piece = sha256(head), len(head), head
    while not piece.endswith(b"\n") and (piece := stream.readline(_PIECE)):
        digest.update(piece)
        size += len(piece)
    return Line(stand_in(digest.hexdigest()), size, oversize=True, torn=not piece)
