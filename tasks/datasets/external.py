"""Eval sets of others: files that hold prompts which nothing may be trained on."""

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from schemas.conversation import Unreadable
from schemas.errors import DatasetError, SourceError
from tasks.datasets.leaks import Turns
from tasks.kept_out import PLAIN, files, name_of
from tasks.redaction.redact import redact_texts
from tasks.redaction.rules import Rules
from tasks.sources.records import read_records

# how public eval sets name what is asked; the first that a row has
_KEYS = ("messages", "turns", "prompt", "question", "instruction", "text")
_INPUT = "input"  # what an instruction is about
_MAX_BYTES = 50_000_000  # of one row
Row = dict[str, Any]


def external_turns(paths: Sequence[Path], rules: Rules) -> dict[str, Turns]:
    """Return NAME/LINE -> what the user says there, of files, or of all files in folders.

    NAME is the file's, without its ending, and numbered where another has it; LINE counts its
    lines or rows from 1. Private values are redacted as they are in training rows.

    Raises:
        DatasetError: a file cannot be read, or a row has no prompt; the message names it.
    """
    found, names = dict[str, Turns](), Counter[str]()
    for path in files(paths):
        names[name_of(path)] += 1
        nth = names[name_of(path)]
        name = f"{name_of(path)}-{nth}" if nth > 1 else name_of(path)
        for line, said in _prompts(path):
            redacted, _ = redact_texts(said, rules)
            found[f"{name}/{line}"] = tuple(redacted)
    return found


def _prompts(path: Path) -> Iterator[tuple[int, list[str]]]:
    if path.suffix == PLAIN:
        yield from _lines(path)
        return
    try:
        for record in read_records(path, max_bytes=_MAX_BYTES):
            where = f"{path}:{record.line}"
            if isinstance(record.value, Unreadable):
                raise DatasetError(f"{where}: {record.value.reason}: {record.value.detail}")
            yield record.line, _turns(record.value, where)
    except SourceError as error:
        raise DatasetError(f"dataset.keep_out: {error}") from None


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, [line.strip()]


def _turns(row: Row, where: str) -> list[str]:
    key = next((key for key in _KEYS if row.get(key)), None)
    if key is None:
        raise DatasetError(f"{where}: no prompt; wanted one of {', '.join(_KEYS)}.")
    given = row[key] if isinstance(row[key], list) else [row[key]]
    if key == "messages":
        given = [
            one.get("content") if isinstance(one, dict) else None for one in given if _asks(one)
        ]
    if key == "instruction" and row.get(_INPUT):
        given = [f"{row[key]}\n{row[_INPUT]}"]
    if not given or not all(isinstance(text, str) and text.strip() for text in given):
        raise DatasetError(f"{where}: `{key}` holds no text of a user.")
    return given


def _asks(message: object) -> bool:
    return not isinstance(message, dict) or message.get("role") == "user"
