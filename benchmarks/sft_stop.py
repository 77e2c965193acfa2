"""Does a model learn to stop, whatever tokenizer its base model comes with?

    python benchmarks/sft_stop.py [--quick] [--json FILE]

Trains a tiny model of random weights with each kind of tokenizer in `benchmarks/sft_bases.py`, by
our trainer, and asks it 100 prompts it has not seen (`--quick`: 40, a quarter of the steps). An
answer counts if it ends by itself in time. Beside it the trap: the same base, trained by a plain
loop that pads with the end token and masks labels by id, as
`transformers.DataCollatorForLanguageModeling` does.
"""

import argparse
import contextlib
import io
import json
import os
import platform
import random
import sys
import tempfile
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
WORDS = ("cat", "dog", "sun", "sea", "map", "owl", "tea", "fig")
EPOCHS = 4
LIMIT = 0.99  # of answers that end by themselves


def example(rng: random.Random) -> dict[str, Any]:
    """Ask for a word, once to five times."""
    word, count = rng.choice(WORDS), rng.randint(1, 5)
    return {
        "prompt": [{"role": "user", "content": f"say {word} {count} times"}],
        "completion": [{"role": "assistant", "content": " ".join([word] * count)}],
        "task_type": "say/word",
    }


def rows(folder: Path, count: int, seed: int) -> Path:
    """Write training rows."""
    rng = random.Random(seed)
    path = folder / f"rows-{seed}.jsonl"
    path.write_text("".join(json.dumps(example(rng)) + "\n" for _ in range(count)))
    return path


def ours(base: Path, folder: Path, asked: int, count: int) -> dict[str, Any]:
    """Train by our trainer; return what it says, and the stop rate on unseen prompts."""
    from schemas.errors import FlywheelError
    from tasks.sft.child import train
    from tasks.sft.generate import answers
    from tasks.sft.spec import TrainSpec

    out = folder / "run"
    out.mkdir()
    told = {"base_model": str(base), "rows": rows(folder, count, 1), "out": out, "epochs": EPOCHS}
    told |= {"batch_rows": 16, "learning_rate": 3e-3, "save_every": 10_000, "threads": 1}
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # the trainer prints its log
            done = train(TrainSpec(**told), lambda _: None)
    except FlywheelError as refused:
        return {"refused": type(refused).__name__}
    rng = random.Random(2)
    prompts = [example(rng)["prompt"] for _ in range(asked)]
    found = answers(done.model, prompts, 48, threads=1)
    stopped = sum(one.stopped for one in found) / asked
    return {"pad": done.pad_token, "end": done.stop_token, "stopped": stopped}


def masked_by_id(base: Path, folder: Path, asked: int, count: int) -> float:
    """Train with the end token as padding and labels masked by id; return the stop rate."""
    import torch
    from transformers import DataCollatorForLanguageModeling

    from tasks.sft.assemble import assemble
    from tasks.sft.rows import keep, read_rows
    from tasks.sft.spec import TrainSpec
    from tasks.sft.stopping import stop_rate

    told = {"base_model": str(base), "rows": rows(folder, count, 1), "out": folder, "threads": 1}
    run = assemble(TrainSpec(**told, batch_rows=16))
    run.tokenizer.pad_token = run.tokenizer.eos_token
    collate = DataCollatorForLanguageModeling(run.tokenizer, mlm=False)
    model = run.trainer.model
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0)
    model.train()
    for _ in range(EPOCHS):
        for batch in run.trainer.batches:
            given = [{"input_ids": run.trainer.train_dataset[row]["input_ids"]} for row in batch]
            model(**collate(given)).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
    kept, _ = keep(run.tokenizer, read_rows(rows(folder, asked, 2)), 512)
    rate = stop_rate(model, run.tokenizer, [encoded for _, encoded in kept], 1)
    return rate.stopped / rate.prompts


def measure(quick: bool) -> dict[str, float]:
    """Print a line per tokenizer; return the stop rates."""
    from benchmarks.sft_bases import TOKENIZERS, make

    asked, count = (40, 500) if quick else (100, 2_000)
    rng = random.Random(0)
    made_up = [example(rng) for _ in range(200)]
    texts = [said["content"] for one in made_up for said in one["prompt"] + one["completion"]]
    figures: dict[str, float] = {}
    print(f"{'base':57}{'pad':30}{'end':18}{'stops':>7}{'trap':>7}")
    for name, (family, made) in TOKENIZERS.items():
        with tempfile.TemporaryDirectory() as place:
            base = make(Path(place) / "base", family, made(texts))
            said = ours(base, Path(place), asked, count)
            if "refused" in said:
                print(f"{name:57}refused: {said['refused']}")
                continue
            trap = masked_by_id(base, Path(place), asked, count)
            print(f"{name:57}{said['pad']:30}{said['end']:18}{said['stopped']:>7.0%}{trap:>7.0%}")
            figures[f"stopped: {name}"] = said["stopped"]
            figures[f"trap: {name}"] = trap
    lowest = min(rate for name, rate in figures.items() if name.startswith("stopped"))
    print(f"lowest stop rate {lowest:.0%}, goal {LIMIT:.0%}")
    return figures


def main() -> None:
    """Measure, print a table, and write one flat JSON object if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore")
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "trl"))
    print(f"{os.cpu_count()} cores, {platform.machine()}, {versions}")
    figures = measure(args.quick)
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
