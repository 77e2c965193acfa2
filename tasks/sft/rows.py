"""Training rows as a tokenizer sees them, and which of them are left out."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tasks.sft.chat import for_template
from tasks.sft.spec import DroppedRow, DropReason


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the rows file."""

    row: int  # 0-based line
    id: str | None
    prompt: list[dict[str, Any]]
    completion: list[dict[str, Any]]
    copies: int


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a row is: in tokens of prompt and answer, and in tokens that carry loss."""

    tokens: int
    label_tokens: int  # the end of the turn included; 0 = the prompt is not a prefix of the whole


def read_rows(path: Path) -> Iterator[Row]:
    """Read JSON lines; see `TrainSpec.rows`."""
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            said = json.loads(line)
            prompt, completion = for_template(said["prompt"]), for_template(said["completion"])
            yield Row(number, said.get("id"), prompt, completion, said.get("copies", 1))


def measure(tokenizer: Any, row: Row) -> Measured:
    """Count tokens the way the trainer will: both through the chat template."""
    prompt = _ids(tokenizer, row.prompt, add_generation_prompt=True)
    whole = _ids(tokenizer, row.prompt + row.completion)
    kept = whole[: len(prompt)] == prompt
    return Measured(len(whole), len(whole) - len(prompt) if kept else 0)


def drop_reason(row: Row, measured: Measured, max_tokens: int) -> DropReason | None:
    """Say why a row cannot be trained on; None if it can.

    A cut row would lose its end of turn, so the model would learn not to stop. A prompt that the
    template renders in another way once an answer follows is not what the model meets later.
    """
    if not row.completion or not str(row.completion[-1].get("content", "")).strip():
        return "empty_answer"
    if measured.tokens > max_tokens:
        return "too_long"
    return None if measured.label_tokens else "prompt_not_kept"


def keep(
    tokenizer: Any, rows: Iterator[Row], max_tokens: int
) -> tuple[list[tuple[Row, Measured]], tuple[DroppedRow, ...]]:
    """Split rows into those to train on, with their lengths, and those left out, with why."""
    kept, dropped = [], []
    for row in rows:
        measured = measure(tokenizer, row)
        reason = drop_reason(row, measured, max_tokens)
        if reason:
            gone = DroppedRow(row=row.row, id=row.id, reason=reason, tokens=measured.tokens)
            dropped.append(gone)
        else:
            kept.append((row, measured))
    return kept, tuple(dropped)


def _ids(tokenizer: Any, messages: list[dict[str, Any]], **options: bool) -> list[int]:
    encoded = tokenizer.apply_chat_template(messages, tokenize=True, return_dict=True, **options)
    return list(encoded["input_ids"])
