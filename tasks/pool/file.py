"""Read examples from a file: JSON lines with `kind` as area/name, `prompt` and `answer`."""

import json
from difflib import get_close_matches
from hashlib import blake2b
from pathlib import Path
from typing import Any

from schemas.errors import PoolError
from schemas.task_types import TaskTypes
from tasks.json_lines import objects

_KEYS = ("kind", "prompt", "answer")


def examples(path: Path, types: TaskTypes) -> list[dict[str, Any]]:
    """Return the examples of a file, as its lines have them.

    Raises:
        PoolError: the file cannot be read or holds none, or a line is wrong; the message names
            file and line.
    """
    found: list[dict[str, Any]] = []
    places: dict[str, int] = {}
    for where, number, said in objects(path, _KEYS, PoolError):
        row = _example(said, types, where)
        first = places.setdefault(row["example_id"], number)
        if first != number:
            raise PoolError(f"{where}: the same example as in line {first}. Remove one of them.")
        found.append(row)
    if not found:
        raise PoolError(f"{path} holds no example; a line has the keys {', '.join(_KEYS)}.")
    return found


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
