"""Does a model learn to stop, whatever tokenizer its base model comes with?

    python benchmarks/sft_stop.py [--quick] [--json FILE]

First where the trouble comes from. A plain loop trains a tiny model on one task, from random
weights, and on a second task, from a model that stops on the first; with a padding token of its own
or the end token, labels masked by id, as `transformers.DataCollatorForLanguageModeling` does, or
padded by length, and padding on either side. Then our trainer, given those tokenizers.

Second, every kind of tokenizer in `benchmarks/sft_bases.py`, by our trainer. Beside it the trap:
the same base in the plain loop, with the end as padding and labels masked by id.

A model is asked 100 prompts that it has not seen (`--quick`: 40, a quarter of the steps). An answer
counts if it ends by itself in time.
"""

import contextlib
import io
import random
import shutil
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

from transformers import AutoTokenizer

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.sft_bases import CHATML, TOKENIZERS, byte_level, make  # noqa: E402
from benchmarks.sft_masks import TRAP, Way, steps  # noqa: E402
from benchmarks.sft_runs import NEVER, asked, command  # noqa: E402
from schemas.errors import FlywheelError  # noqa: E402
from tasks.sft.assemble import Assembled  # noqa: E402
from tasks.sft.child import train  # noqa: E402
from tasks.sft.measure import write_rows  # noqa: E402
from tasks.sft.rows import keep, read_rows  # noqa: E402
from tasks.sft.spec import TrainResult, TrainSpec  # noqa: E402
from tasks.sft.stopping import stop_rate  # noqa: E402

WORDS = ("cat", "dog", "sun", "sea", "map", "owl", "tea", "fig")
EPOCHS = 4
EARLY = 50  # steps
LIMIT = 0.99  # of answers that end by themselves
PADS, SIDES = ("own", "eos"), ("right", "left")
WAYS = tuple(Way(*way) for way in product(PADS, ("by id", "by length"), SIDES))
OURS = tuple(Way(*way) for way in product(PADS, ("our trainer",), SIDES))
Example = Callable[[random.Random], dict[str, Any]]


class Size(NamedTuple):
    """How much is trained and asked."""

    rows: int
    asked: int


def say(rng: random.Random) -> dict[str, Any]:
    """Ask for a word, once to five times."""
    word, count = rng.choice(WORDS), rng.randint(1, 5)
    return row(f"say {word} {count} times", [word] * count)


def count(rng: random.Random) -> dict[str, Any]:
    """Ask for one to five numbers that follow one another."""
    first, more = rng.randint(1, 9), rng.randint(0, 4)
    return row(f"count from {first} to {first + more}", range(first, first + more + 1))


def row(prompt: str, answer: Any) -> dict[str, Any]:
    """Return a training row."""
    said = {"role": "assistant", "content": " ".join(map(str, answer))}
    return {"prompt": [{"role": "user", "content": prompt}], "completion": [said]}


def rows(example: Example, number: int, seed: int) -> list[dict[str, Any]]:
    """Make rows of a task."""
    rng = random.Random(seed)
    return [example(rng) for _ in range(number)]


def spec(base: Path, folder: Path, example: Example, size: Size) -> TrainSpec:
    """Write the rows of a task to a new folder `folder`, and say how they are trained on."""
    folder.mkdir()
    write_rows(folder / "rows.jsonl", rows(example, size.rows, 1))
    told = {"base_model": str(base), "rows": folder / "rows.jsonl", "out": folder, "threads": 1}
    return TrainSpec(**told, epochs=EPOCHS, batch_rows=16, learning_rate=3e-3, save_every=NEVER)


def ours(base: Path, folder: Path, example: Example, size: Size) -> TrainResult:
    """Train by our trainer.

    Raises:
        FlywheelError: it refuses the base model.
    """
    with contextlib.redirect_stdout(io.StringIO()):  # the trainer prints its log
        return train(spec(base, folder, example, size), lambda _: None)


def stopped(model: Path, example: Example, size: Size) -> float:
    """Return the stop rate of a saved model on prompts it has not seen."""
    return asked(model, rows(example, size.asked, 2), 48).stopped


def looped(base: Path, folder: Path, example: Example, size: Size, way: Way) -> dict[str, float]:
    """Train in a plain loop; return stop rates early, at the end, and on the first task."""
    early = 0.0
    for step, run in steps(spec(base, folder, example, size), way):
        if step == EARLY:
            early = rate(run, example, size)
    return {"early": early, "end": rate(run, example, size), "first": rate(run, say, size)}


def trained(base: Path, folder: Path, example: Example, size: Size, way: Way) -> dict[str, float]:
    """Train by our trainer, given a tokenizer that pads so; return what `looped` does."""
    padded = shutil.copytree(base, folder.with_name(f"{folder.name}-base"))
    given = AutoTokenizer.from_pretrained(padded, padding_side=way.side)
    given.pad_token = given.eos_token if way.pad == "eos" else given.pad_token
    given.save_pretrained(padded)
    done = ours(padded, folder, example, size)
    early = next(one.stopped / one.prompts for one in done.stop_rates if one.step == EARLY)
    end, first = (stopped(done.model, one, size) for one in (example, say))
    return {"early": early, "end": end, "first": first}


def rate(run: Assembled, example: Example, size: Size) -> float:
    """Return the stop rate of a model that is being trained, on prompts it has not seen."""
    path = run.spec.out / "asked.jsonl"
    write_rows(path, rows(example, size.asked, 2))
    kept, _ = keep(run.tokenizer, read_rows(path), 512)
    found = stop_rate(run.trainer.model, run.tokenizer, [one for _, one in kept], 0)
    return found.stopped / found.prompts


def causes(size: Size) -> dict[str, float]:
    """Print a line for each way of padding and masking, and for our trainer; return the rates."""
    figures = dict[str, float]()
    heads = ("random weights", f"tuned {EARLY} steps", "to the end", "first task")
    print(f"{'pad':6}{'labels':14}{'side':7}" + "".join(f"{head:>16}" for head in heads))
    with tempfile.TemporaryDirectory() as place:
        start = make(Path(place) / "start", "llama", tokenizer())
        stopper = ours(start, Path(place) / "stopper", say, size).model
        for way in (*WAYS, *OURS):
            found = one_way(start, stopper, Path(place) / " ".join(way), size, way)
            shown = "".join(f"{share:>16.0%}" for share in found.values())
            print(f"{way.pad:6}{way.mask:14}{way.side:7}{shown}")
            figures |= {f"{' '.join(way)}: {name}": share for name, share in found.items()}
    return figures


def one_way(start: Path, stopper: Path, folder: Path, size: Size, way: Way) -> dict[str, float]:
    """Train from random weights, and a model that stops; return the stop rates."""
    folder.mkdir()
    by = looped if way in WAYS else trained
    scratch = by(start, folder / "scratch", say, size, way)["end"]
    return {"scratch": scratch} | by(stopper, folder / "tuned", count, size, way)


def tokenizer() -> Any:
    """Make a byte-level tokenizer with a padding token and ChatML."""
    texts = [text for one in (say, count) for text in texts_of(rows(one, 200, 0))]
    special = ["<|im_start|>", "<|im_end|>", "<|pad|>"]
    made = byte_level(texts, special, eos_token="<|im_end|>", pad_token="<|pad|>")
    made.chat_template = CHATML
    return made


def texts_of(made: list[dict[str, Any]]) -> list[str]:
    """Return what is said in rows."""
    return [said["content"] for one in made for said in one["prompt"] + one["completion"]]


def every_kind(size: Size) -> dict[str, float]:
    """Print a line per tokenizer; return the stop rates."""
    texts, figures = texts_of(rows(say, 200, 0)), dict[str, float]()
    print(f"\n{'base':57}{'pad':30}{'end':18}{'stops':>7}{'trap':>7}")
    for name, (family, made) in TOKENIZERS.items():
        with tempfile.TemporaryDirectory() as place:
            base = make(Path(place) / "base", family, made(texts))
            try:
                done = ours(base, Path(place) / "ours", say, size)
            except FlywheelError as refused:
                print(f"{name:57}refused: {type(refused).__name__}")
                continue
            stops = stopped(done.model, say, size)
            trap = looped(base, Path(place) / "trap", say, size, TRAP)["end"]
            print(f"{name:57}{done.pad_token:30}{done.stop_token:18}{stops:>7.0%}{trap:>7.0%}")
            figures |= {f"stopped: {name}": stops, f"trap: {name}": trap}
    return figures


def measure(quick: bool) -> dict[str, float]:
    """Print both tables; return the stop rates."""
    size = Size(400, 40) if quick else Size(2_000, 100)
    figures = causes(size) | every_kind(size)
    is_ours = ("stopped: ", *(f"{' '.join(way)}: " for way in OURS))
    lowest = min(share for name, share in figures.items() if name.startswith(is_ours))
    print(f"our trainer, lowest stop rate {lowest:.0%}, goal {LIMIT:.0%}")
    return figures


if __name__ == "__main__":
    command(__doc__, measure)
