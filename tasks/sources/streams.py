"""Open a log file, plain or compressed, and see how its records are laid out."""

import gzip
import io
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, cast

import pyarrow as pa  # type: ignore[import-untyped]

from schemas.conversation import Unreadable
from schemas.errors import SourceError, Vanished
from tasks.sources.encodings import encoding_of
from tasks.sources.json_text import parse
from tasks.sources.pieces import BUFFER, buffered
from tasks.sources.remote_file import RemoteFile

LogFile = Path | RemoteFile
Layout = Literal["lines", "document", "table"]

TABLES, PARQUET = (".csv", ".tsv"), ".parquet"


def open_log(path: LogFile) -> io.BufferedReader:
    """Open `path`, decompressed on the way if it ends in .gz or .zst.

    Reading on raises Unreadable where compressed data ends early or is damaged.

    Raises:
        Vanished: the file is gone.
        SourceError: it cannot be opened.
    """
    file = open_bytes(path)
    unpack = _UNPACKED.get(path.suffix.lower())
    return buffered(unpack(file), file.close) if unpack else file


def open_bytes(path: LogFile) -> io.BufferedReader:
    """Open `path` as it is.

    Raises:
        Vanished: the file is gone.
        SourceError: it cannot be opened.
    """
    try:
        return cast(io.BufferedReader, path.open("rb", buffering=BUFFER))
    except OSError as error:
        raise cannot_read(path, error) from error


def is_compressed(path: LogFile) -> bool:
    """Tell by the ending whether `path` is compressed."""
    return path.suffix.lower() in _UNPACKED


def inner_ending(path: LogFile) -> str:
    """Return the ending, in lower case, without that of the compression."""
    name = path.name[: -len(path.suffix)] if is_compressed(path) else path.name
    return Path(name).suffix.lower()


def layout(path: LogFile, head: bytes) -> Layout:
    """Tell how the records of `path` are laid out, by its ending and how it begins.

    Only .json files can be a document: JSON values one after the other, objects and arrays of
    them. They are lines when a line of `head` is an object by itself, or when the first line is
    longer than that and no array.
    """
    ending = inner_ending(path)
    if ending == ".json":
        return "document" if _is_document(head) else "lines"
    return "table" if ending in TABLES else "lines"


def can_read_on(path: LogFile) -> bool:
    """Tell files that can be read from the middle on from those that are read whole.

    Raises:
        Vanished: the file is gone.
        SourceError: it cannot be opened.
    """
    if is_compressed(path) or inner_ending(path) == PARQUET:
        return False
    with open_log(path) as stream:
        return layout(path, stream.peek(BUFFER)) == "lines"


def cannot_read(path: object, error: OSError) -> SourceError:
    """Say that the file system refused."""
    if isinstance(error, FileNotFoundError):
        return Vanished(f"cannot read {path}: it is gone. The next pull looks for it anew.")
    return SourceError(f"cannot read {path}: {error.strerror or error}. Check that it is readable.")


def _unzipped(file: BinaryIO) -> Callable[[int], bytes]:
    unzipped = gzip.GzipFile(fileobj=file)

    def read(size: int) -> bytes:
        try:
            return unzipped.read1(size)
        except EOFError:
            raise _cut() from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise _damaged(error) from None

    return read


def _unpacked(file: BinaryIO) -> Callable[[int], bytes]:
    unpacked = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")

    def read(size: int) -> bytes:
        try:
            return cast(bytes, unpacked.read(size))
        except OSError as error:
            if error.errno:
                raise
            raise _cut() if "Truncated" in str(error) else _damaged(error) from None

    return read


_UNPACKED = {".gz": _unzipped, ".zst": _unpacked}


def _cut() -> Unreadable:
    return Unreadable("truncated", "the compressed data ends early; the rest is missing")


def _damaged(error: Exception) -> Unreadable:
    return Unreadable("bad_encoding", f"cannot unpack from here on: {error}")


def _is_document(head: bytes) -> bool:
    encoding = encoding_of(head)
    text = head.decode(encoding, "replace").removeprefix("\ufeff").lstrip()
    first_lines = text.split("\n")[:-1]
    return text.startswith("[") or (
        text.startswith("{") and bool(first_lines) and not any(map(_is_object, first_lines))
    )


def _is_object(line: str) -> bool:
    try:
        return line.startswith("{") and isinstance(parse(line), dict)
    except Unreadable:
        return False
