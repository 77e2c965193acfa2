"""Read a file of JSON objects that a person wrote, one to a line; every mistake has its place."""

import json
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from schemas.errors import FlywheelError


def objects(
    path: Path, keys: Sequence[str], error: type[FlywheelError]
) -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Yield place, line number and object of every line that is not blank.

    Args:
        path: the file, in UTF-8.
        keys: those that an object may have.
        error: raised where the file cannot be read, a line is no object of Unicode text, or has
            a key that is not known; the message names file and line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as failed:
        raise error(f"{path} cannot be read: {failed}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            where = f"{path}:{number}"
            yield where, number, _object(line, where, keys, error)


def _object(
    line: str, where: str, keys: Sequence[str], error: type[FlywheelError]
) -> dict[str, Any]:
    try:
        said = json.loads(line)
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise error(f"{where}: text that is no Unicode: half of a surrogate pair.") from None
    except (ValueError, RecursionError) as failed:
        raise error(f"{where}: no JSON: {failed}") from None
    if not isinstance(said, dict):
        raise error(f"{where}: wanted an object with {', '.join(keys)}.")
    unknown = next((key for key in said if key not in keys), None)
    if unknown is not None:
        near = get_close_matches(unknown, keys, n=1, cutoff=0)[0]
        raise error(f"{where}: unknown key {unknown!r}; the nearest known one is {near!r}.")
    return said
