"""How long training rows are for a model's tokenizer and chat template, found out in a child."""

import json
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from schemas.release_settings import DropReason
from tasks.sft import process
from tasks.sft.spec import Frozen

_MODULE = "tasks.sft.measure"


class Length(NamedTuple):
    """How long one row is, and why it cannot be trained on; None if it can."""

    tokens: int
    label_tokens: int
    reason: DropReason | None


class Measured(NamedTuple):
    """What came of all rows."""

    tokenizer_sha256: str
    lengths: list[Length]


class MeasureSpec(Frozen):
    """What the child is told; `rows` is as in `TrainSpec`, `lengths` has what comes back."""

    base_model: str
    rows: Path
    lengths: Path
    max_tokens: int = Field(ge=1)


def lengths(base_model: str, rows: Iterable[Mapping[str, Any]], max_tokens: int) -> Measured:
    """Return the length of each row, in order, and the hash of the tokenizer.

    Args:
        base_model: folder or name of a model; only its tokenizer is loaded.
        rows: `prompt` and `completion`, messages each.
        max_tokens: longer rows are `too_long`.

    Raises:
        TrainingError: there is no such model.
        StopTokenUnclear: the chat template does not end an answer with one special token.
        NotInstalled, TrainingFailed: the child could not start, or died.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        spec = MeasureSpec(
            base_model=base_model,
            rows=folder / "rows.jsonl",
            lengths=folder / "lengths.json",
            max_tokens=max_tokens,
        )
        write_rows(spec.rows, rows)
        told = folder / "spec.json"
        told.write_text(spec.model_dump_json(), encoding="utf-8")
        offline = process.offline(base_model)
        process.run(_MODULE, told, folder / "log.txt", lambda _: None, offline)
        tokenizer, found = json.loads(spec.lengths.read_text(encoding="utf-8"))
        return Measured(tokenizer, [Length(*one) for one in found])


def write_rows(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as JSON lines; see `TrainSpec.rows`."""
    with path.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _work(path: str, _: process.Say) -> None:
    from tasks.sft import tokens  # noqa: PLC0415 - only the child has torch
    from tasks.sft.load import tokenizer_of  # noqa: PLC0415
    from tasks.sft.rows import drop_reason, encode, read_rows  # noqa: PLC0415

    spec = MeasureSpec.model_validate_json(Path(path).read_text(encoding="utf-8"))
    tokenizer = tokenizer_of(spec.base_model)
    tokenizer.eos_token = tokenizer.convert_ids_to_tokens(tokens.terminator(tokenizer))
    found = []
    for row in read_rows(spec.rows):
        encoded = encode(tokenizer, row)
        reason = drop_reason(row, encoded, spec.max_tokens)
        found.append((encoded.tokens, encoded.label_tokens, reason))
    spec.lengths.write_text(json.dumps([tokens.digest(tokenizer), found]), encoding="utf-8")


if __name__ == "__main__":
    process.child(_work)
