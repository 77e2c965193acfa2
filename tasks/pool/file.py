"""Read examples from a file: JSON lines with `kind` as area/name, `prompt` and `answer`."""

import json
from collections.abc import Iterator
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any

from schemas.errors import PoolError
from schemas.task_types import TaskTypes

_KEYS = ("kind", "prompt", "answer")


def examples(path: Path, types: TaskTypes) -> list[dict[str, Any]]:
    """Return the examples of a file, as its lines have them.

    Raises:
        PoolError: the file cannot be read or holds none, or a line is wrong; the message names
            file and line.
    """
    found: list[dict[str, Any]] = []
    places: dict[str, int] = {}
    for number, line in _lines(path):
        where = f"{path}:{number}"
        row = _example(_object(line, where), types, where)
        first = places.setdefault(row["example_id"], number)
        if first != number:
            raise PoolError(f"{where}: the same example as in line {first}. Remove one of them.")
        found.append(row)
    if not found:
        raise PoolError(f"{path} holds no example; a line has the keys {', '.join(_KEYS)}.")
    return found


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise PoolError(f"{path} cannot be read: {error}") from None
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        said = json.loads(line)
        json.dumps(said, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise PoolError(f"{where}: text that is no Unicode: half of a surrogate pair.") from None
    except ValueError as error:
        raise PoolError(f"{where}: no JSON: {error}") from None
    if not isinstance(said, dict):
        raise PoolError(f"{where}: wanted an object with {', '.join(_KEYS)}.")
    unknown = next((key for key in said if key not in _KEYS), None)
    if unknown is not None:
        near = get_close_matches(unknown, _KEYS, n=1, cutoff=0)[0]
        raise PoolError(f"{where}: unknown key {unknown!r}; the nearest known one is {near!r}.")
    return said


def _example(said: dict[str, Any], types: TaskTypes, where: str) -> dict[str, Any]:
    for key in _KEYS:
        if not isinstance(said.get(key), str) or not said[key].strip():
            raise PoolError(f"{where}: `{key}` must be text, got {said.get(key)!r}.")
    label = types.resolve(said["kind"])
    if label is None:
        near = get_close_matches(said["kind"], types.labels, n=1, cutoff=0)[0]
        raise PoolError(
            f"{where}: kind {said['kind']!r} is not in the list of task types; nearest: {near!r}."
        )
    area, _, kind = label.partition("/")
    texts = {"prompt": said["prompt"], "answer": said["answer"]}
    id_ = _id(label, **texts)
    return {"area": area, "kind": kind, "example_id": id_, **texts, "origin": "file"}


def _id(label: str, prompt: str, answer: str) -> str:
    text = json.dumps([label, prompt, answer], ensure_ascii=False)
    return blake2b(text.encode(), digest_size=8).hexdigest()
