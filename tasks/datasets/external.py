"""Eval sets of others: files that hold prompts which nothing may be trained on."""

import csv
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from schemas.errors import DatasetError
from tasks.datasets.leaks import Turns
from tasks.kept_out import files
from tasks.redaction.redact import redact_texts
from tasks.redaction.rules import Rules

# how public eval sets name what is asked; the first that a row has
_KEYS = ("messages", "turns", "prompt", "question", "instruction", "text")
_INPUT = "input"  # what an instruction is about
Row = dict[str, Any]


def external_turns(paths: Sequence[Path], rules: Rules) -> dict[str, Turns]:
    """Return NAME/LINE -> what the user says there, of files, or of all files in folders.

    NAME is the file's, without its ending; LINE counts its lines or rows from 1. Private values
    are redacted as they are in training rows.

    Raises:
        DatasetError: a file cannot be read, or a row has no prompt; the message names it.
    """
    found = dict[str, Turns]()
    for path in files(paths):
        for number, row in _READERS[path.suffix](path):
            said, _ = redact_texts(_turns(row, f"{path}:{number}"), rules)
            found[f"{path.stem}/{number}"] = tuple(said)
    return found


def _turns(row: Row, where: str) -> list[str]:
    key = next((key for key in _KEYS if row.get(key)), None)
    if key is None:
        raise DatasetError(f"{where}: no prompt; wanted one of {', '.join(_KEYS)}.")
    given = row[key]
    if key == "messages":
        given = [one.get("content") for one in given if one.get("role") == "user"]
    texts = given if isinstance(given, list) else [given]
    if key == "instruction" and row.get(_INPUT):
        texts = [f"{row[key]}\n{row[_INPUT]}"]
    if not texts or not all(isinstance(text, str) for text in texts):
        raise DatasetError(f"{where}: `{key}` holds no text.")
    return texts


def _json_lines(path: Path) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield number, _object(line, f"{path}:{number}")


def _json(path: Path) -> Iterator[tuple[int, Row]]:
    try:
        rows = json.loads(_text(path))
    except ValueError as error:
        raise DatasetError(f"{path}: no JSON: {error}") from None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DatasetError(f"{path}: wanted a list of objects.")
    yield from enumerate(rows, 1)


def _csv(path: Path) -> Iterator[tuple[int, Row]]:
    yield from enumerate(csv.DictReader(_text(path).splitlines(keepends=True)), 1)


def _parquet(path: Path) -> Iterator[tuple[int, Row]]:
    try:
        yield from enumerate(pl.read_parquet(path).iter_rows(named=True), 1)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from None


def _plain(path: Path) -> Iterator[tuple[int, Row]]:
    for number, line in enumerate(_text(path).split("\n"), 1):
        if line.strip():
            yield number, {"text": line.strip()}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from None


def _object(line: str, where: str) -> Row:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise DatasetError(f"{where}: no JSON: {error}") from None
    if not isinstance(row, dict):
        raise DatasetError(f"{where}: wanted an object.")
    return row


_READERS: dict[str, Callable[[Path], Iterator[tuple[int, Row]]]] = {
    ".jsonl": _json_lines,
    ".json": _json,
    ".csv": _csv,
    ".parquet": _parquet,
    ".txt": _plain,
}
