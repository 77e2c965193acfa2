"""Greedy answers of a model: one path for every model that is compared, in its own process."""

import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field

from tasks.sft import process
from tasks.sft.spec import Frozen

_MODULE = "tasks.sft.generate"


class Answer(NamedTuple):
    """What a model said to one prompt."""

    text: str  # without special tokens
    stopped: bool  # it ended its turn by itself, within the limit
    new_tokens: int  # the end of turn included


class AnswerSpec(Frozen):
    """What the child is told; `prompts` is JSON lines, a list of messages each."""

    model: str
    prompts: Path
    answers: Path
    max_new_tokens: int = Field(ge=1)
    batch_rows: int = Field(ge=1)
    threads: int | None = Field(ge=1)


def answers(
    model: Path | str,
    prompts: Sequence[Sequence[Any]],
    max_new_tokens: int = 256,
    *,
    batch_rows: int = 64,
    threads: int | None = None,
    on_progress: Callable[[int], None] = lambda _: None,
) -> list[Answer]:
    """Let `model` answer each prompt (a list of messages), in order; greedy, so always the same.

    `on_progress` gets the number of prompts that are answered so far.

    Raises:
        StopTokenUnclear, PadEqualsEos: the model cannot stop; see tasks/sft/tokens.
        TrainingFailed: the child died; the message has the end of its log.
    """
    if not prompts:
        return []
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        spec = AnswerSpec(
            model=str(model),
            prompts=folder / "prompts.jsonl",
            answers=folder / "answers.json",
            max_new_tokens=max_new_tokens,
            batch_rows=batch_rows,
            threads=threads,
        )
        lines = (json.dumps(list(one), ensure_ascii=False) for one in prompts)
        spec.prompts.write_text("\n".join(lines), encoding="utf-8")
        told = folder / "spec.json"
        told.write_text(spec.model_dump_json(), encoding="utf-8")
        process.run(
            _MODULE,
            told,
            folder / "log.txt",
            lambda said: on_progress(said["answered"]),
            process.offline(spec.model),
        )
        return [Answer(*one) for one in json.loads(spec.answers.read_text(encoding="utf-8"))]


def _work(path: str, say: process.Say) -> None:
    from tasks.sft.greedy import greedy_answers  # noqa: PLC0415 - only the child has torch

    spec = AnswerSpec.model_validate_json(Path(path).read_text(encoding="utf-8"))
    spec.answers.write_text(json.dumps(greedy_answers(spec, say)), encoding="utf-8")


if __name__ == "__main__":
    process.child(_work)
