"""What the benchmarks of training share: their command, a run of our trainer, a planned mix."""

import argparse
import contextlib
import io
import json
import logging
import os
import platform
import warnings
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import mean, stdev
from typing import Any, NamedTuple

import polars as pl
from datasets import disable_progress_bars
from transformers.utils import logging as transformers_logging

from schemas.settings import DatasetSettings, TrainSettings
from tasks.datasets.lengths import add_lengths
from tasks.datasets.mix import plan_mix
from tasks.datasets.quotas import filled
from tasks.sft.assemble import Assembled, assemble
from tasks.sft.generate import AnswerSpec
from tasks.sft.greedy import greedy_answers
from tasks.sft.load import tokenizer_of
from tasks.sft.measure import write_rows
from tasks.sft.rows import keep, read_rows
from tasks.sft.spec import TrainSpec

STEP_TOKENS, ROOM = 1_024, 256  # of a step, on average; of a packed row
NEVER = 10**6  # steps between checkpoints


class Answered(NamedTuple):
    """What became of prompts that were answered greedily, as shares of them."""

    right: float  # equal to the answer in the rows
    stopped: float  # ended by itself, in time


def command(about: str | None, measure: Callable[[bool], Mapping[str, float]]) -> None:
    """Say versions, measure (quickly if told), and write one flat JSON object if asked."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=about, formatter_class=raw)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    quieten()
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl"))
    print(f"{os.cpu_count()} cores, {platform.machine()}, {versions}")
    figures = measure(args.quick)
    if args.json:
        args.json.write_text(json.dumps(dict(figures), indent=2))


def quieten() -> None:
    """Leave the screen to the table: no warnings, no bars, no logs of libraries."""
    warnings.simplefilter("ignore")
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    disable_progress_bars()
    logging.getLogger("trl").setLevel(logging.ERROR)


def budget(start: Path, given: pl.DataFrame, folder: Path, batching: str, steps: int) -> TrainSpec:
    """Write rows and say what a run of them is, whatever the batching: the same tokens and steps.

    A step has STEP_TOKENS tokens on average, and the run STEP_TOKENS x `steps`.
    """
    path = folder / "rows.jsonl"
    write_rows(path, map(training_row, given.to_dicts()))
    kept, _ = keep(tokenizer_of(str(start)), read_rows(path), ROOM)
    count = sum(row.copies for row, _ in kept)
    tokens = sum(encoded.tokens * row.copies for row, encoded in kept)
    is_cut = batching in {"concat", "packed"}  # into packed rows
    return TrainSpec(
        base_model=str(start),
        rows=path,
        out=folder,
        max_tokens=ROOM,
        epochs=steps * STEP_TOKENS / tokens,
        batching=batching,
        batch_rows=STEP_TOKENS // ROOM if is_cut else round(STEP_TOKENS * count / tokens),
        learning_rate=2e-3,
        save_every=NEVER,
        threads=1,
    )


def fit(spec: TrainSpec) -> Assembled:
    """Assemble a run as `flywheel train` does and train it to its end, without looks or files."""
    run = assemble(spec)
    with contextlib.redirect_stdout(io.StringIO()):  # the trainer prints its log
        run.trainer.train()
    return run


def saved(run: Assembled, folder: Path) -> Path:
    """Write model and tokenizer of a run, and return the folder."""
    run.trainer.save_model(str(folder))
    run.tokenizer.save_pretrained(folder)
    return folder


def asked(model: Path, rows: Sequence[Mapping[str, Any]], limit: int) -> Answered:
    """Let a saved model answer the prompts of rows, by the path that evaluation takes.

    Args:
        model: its folder, into which prompts and answers are written.
        rows: as in `TrainSpec.rows`.
        limit: tokens of an answer at most.
    """
    prompts = model / "prompts.jsonl"
    prompts.write_text("\n".join(json.dumps(row["prompt"]) for row in rows))
    told = {"model": str(model), "prompts": prompts, "answers": model / "answers.json"}
    spec = AnswerSpec(**told, max_new_tokens=limit, batch_rows=64, threads=1)
    found = greedy_answers(spec, lambda _: None)
    known = [row["completion"][-1]["content"] for row in rows]
    right = [one.text.strip() == text for one, text in zip(found, known, strict=True)]
    return Answered(mean(right), mean(one.stopped for one in found))


def planned(
    given: pl.DataFrame, base: Path, alpha: float, short: frozenset[str]
) -> tuple[pl.DataFrame, dict[str, float]]:
    """Return rows with their copies as `flywheel dataset plan` has them, and the planned shares.

    Args:
        given: `answer_id`, `area`, `kind`, `messages`, `answer` and `tools`.
        base: model whose tokenizer and chat template say how long rows are.
        alpha: `train.length_alpha`.
        short: task types, as area/kind, whose answers are short.
    """
    label = pl.concat_str("area", "kind", separator="/")
    there = dict(given.group_by(label).len().iter_rows())
    measured = add_lengths(given, TrainSettings(base_model=str(base), length_alpha=alpha)).rows
    report = filled(there, dict.fromkeys(there), 0)
    shown, plan = plan_mix(measured, report, short, DatasetSettings())
    return shown, dict(plan.select(label, "share_after").iter_rows())


def training_row(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of such a frame as `TrainSpec.rows` has it."""
    completion = [{"role": "assistant", "content": row["answer"]}]
    task_type = f"{row['area']}/{row['kind']}"
    told = {"id": row["answer_id"], "copies": row.get("copies", 1), "task_type": task_type}
    return {"prompt": row["messages"], "completion": completion} | told


def spread(values: Sequence[float]) -> str:
    """Show the mean of several seeds and their standard deviation."""
    return f"{mean(values):.3f} ±{stdev(values) if len(values) > 1 else 0:.3f}"
