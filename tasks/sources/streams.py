"""Open a log file, plain or compressed, and see how its records are laid out."""

import io
from pathlib import Path
from typing import cast

import pyarrow as pa  # type: ignore[import-untyped]

from schemas.conversation import Unreadable
from schemas.errors import SourceError
from tasks.sources.json_text import parse

BOM = b"\xef\xbb\xbf"
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd"}
_BUFFER = 1 << 16  # bytes; broken compressed data can take as much of what came before with it


def open_log(path: Path) -> io.BufferedReader:
    """Open `path`, decompressed on the way if it ends in .gz or .zst.

    Raises:
        SourceError: the file cannot be opened.
    """
    try:
        if is_compressed(path):
            raw = pa.input_stream(str(path), compression=_COMPRESSIONS[path.suffix.lower()])
        else:
            raw = path.open("rb", buffering=0)
        return io.BufferedReader(cast(io.RawIOBase, raw), _BUFFER)
    except OSError as error:
        raise cannot_read(path, error) from error


def is_compressed(path: Path) -> bool:
    """Tell by the ending whether `path` is compressed."""
    return path.suffix.lower() in _COMPRESSIONS


def is_document(path: Path, stream: io.BufferedReader) -> bool:
    """Tell one JSON value from JSON Lines, by the ending and what `stream` starts with.

    Only .json files can be one value. They are lines when a line among the first 64 KiB is an
    object by itself, or when the first line is longer than that and no array.
    """
    inner = path.with_suffix("") if is_compressed(path) else path
    if inner.suffix.lower() != ".json":
        return False
    head = stream.peek(_BUFFER).removeprefix(BOM).lstrip()
    first_lines = head.split(b"\n")[:-1]
    return head.startswith(b"[") or (
        head.startswith(b"{") and bool(first_lines) and not any(map(_is_object, first_lines))
    )


def cannot_read(path: Path, error: OSError) -> SourceError:
    """Say that the file system refused."""
    return SourceError(f"cannot read {path}: {error.strerror or error}. Check that it is readable.")


def _is_object(line: bytes) -> bool:
    try:
        return line.startswith(b"{") and isinstance(parse(line.decode()), dict)
    except (Unreadable, UnicodeDecodeError):
        return False
