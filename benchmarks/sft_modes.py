"""What do padding, concat, packed and padding_free make of the same rows, tokens and steps?

    python benchmarks/sft_modes.py [--quick] [--json FILE]

A tiny base model learns labels, repetitions and stories (`benchmarks/sft_stories.py`) by our
trainer, in every way that `train.batching` knows: the same rows, as many tokens in a step (1,024
on average) and as many steps, three seeds (`--quick`: one, and fewer steps). Printed are losses of
validation rows, each of them alone, and which share of greedy answers to unseen prompts is right
and ends by itself (labels and repetitions: nothing says when a story ends).

Then isolation: how far log-probabilities of rows in a packed row are from those of each alone, for
six families and each attention there is; and what it would be if positions ran on, which is what
`packed` does.
"""

import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

import torch
from transformers.utils import is_flash_attn_2_available

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.sft_bases import FAMILIES, make  # noqa: E402  found from the root
from benchmarks.sft_runs import asked, budget, command, fit, saved, spread, training_row  # noqa: E402
from benchmarks.sft_stories import LABEL, REPEAT, STORY, base, rows, tokenizer  # noqa: E402
from tasks.sft.assemble import Assembled, assemble  # noqa: E402
from tasks.sft.labels import IGNORED  # noqa: E402
from tasks.sft.measure import write_rows  # noqa: E402
from tasks.sft.scoring import log_probs  # noqa: E402
from tasks.sft.validate import losses  # noqa: E402

MODES = ("padding", "padding_free", "concat", "packed")
ATTENTIONS = ("eager", "sdpa", "flash_attention_2")
TRAINED = {LABEL: 1_200, REPEAT: 400, STORY: 2_400}
HELD_OUT = {LABEL: 200, REPEAT: 100, STORY: 60}
LIMIT = 16  # tokens of an answer; the longest one known has 7


def measure(quick: bool) -> dict[str, float]:
    """Print both tables; return the figures."""
    figures = trained(seeds=1 if quick else 3, steps=100 if quick else 300)
    return figures | isolation()


def trained(seeds: int, steps: int) -> dict[str, float]:
    """Train in every mode, print a line for each, and return the figures."""
    found = dict[str, list[dict[str, float]]]()
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as place:
            start = base(Path(place), seed, steps)
            for mode in MODES:
                found.setdefault(mode, []).append(one_run(Path(place), start, mode, seed, steps))
    figures = dict[str, float]()
    names = list(found[MODES[0]][0])
    print(f"{'batching':14}" + "".join(f"{name:>19}" for name in names))
    for mode, runs in found.items():
        print(
            f"{mode:14}" + "".join(f"{spread([run[name] for run in runs]):>19}" for name in names)
        )
        figures |= {f"{mode}: {name}": round(mean(run[name] for run in runs), 4) for name in names}
    return figures


def one_run(place: Path, start: Path, mode: str, seed: int, steps: int) -> dict[str, float]:
    """Train in one mode; return losses and what became of its answers."""
    held_out = [training_row(row) for row in rows(0, HELD_OUT).to_dicts()]
    write_rows(place / "validation.jsonl", held_out)
    spec = budget(start, rows(seed, TRAINED), place, mode, steps)
    told = {"seed": seed, "validation": place / "validation.jsonl"}
    run = fit(spec.model_copy(update=told))
    found = losses(run.trainer.model, run.validation, run.tokenizer.pad_token_id, 32)
    model = saved(run, place / mode)
    answered = {
        one: asked(model, [row for row in held_out if row["task_type"] == one], LIMIT)
        for one in (LABEL, REPEAT)
    }
    return {
        **{f"loss, {kind(one.task_type)}": one.loss for one in found},
        **{f"right, {kind(one)}": answers.right for one, answers in answered.items()},
        **{f"ends, {kind(one)}": answers.stopped for one, answers in answered.items()},
    }


def kind(task_type: str) -> str:
    """Return the second half of area/kind."""
    return task_type.partition("/")[2]


def isolation() -> dict[str, float]:
    """Print a line for each family and attention; return the largest differences."""
    figures = dict[str, float]()
    print(f"\n{'log-probabilities, packed and alone':42}{'positions begin anew':>22}{'run on':>10}")
    for attention in ATTENTIONS:
        if attention == "flash_attention_2" and not is_flash_attn_2_available():
            print(f"{attention:42}{'not installed':>22}")
            continue
        for family in FAMILIES:
            name = f"{family}, {attention}"
            anew, on = leaks(family, attention)
            print(f"{name:42}{anew:>22.1e}{on:>10.1e}")
            figures |= {f"{name}: anew": anew, f"{name}: run on": on}
    return figures


def leaks(family: str, attention: str) -> tuple[float, float]:
    """Return how far a packed row is from its rows alone: as our trainer feeds it, and run on."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        start = make(folder / "base", family, tokenizer())
        run = assemble(budget(start, rows(1, {LABEL: 40, STORY: 20}), folder, "concat", 10))
    run.trainer.model.set_attn_implementation(attention)
    batch = max(run.trainer.batches.epochs[0], key=len)
    given = [run.trainer.train_dataset[row] for row in batch]
    packed = run.trainer.data_collator(given)
    run_on = {name: packed[name] for name in ("input_ids", "labels")}
    apart = [scores(run, run.trainer.data_collator([row])) for row in given]
    alone = torch.cat(apart)
    anew, on = ((scores(run, one) - alone).abs().max().item() for one in (packed, run_on))
    return anew, on


def scores(run: Assembled, batch: dict[str, Any]) -> torch.Tensor:
    """Return the log-probabilities of the labels of a batch, row after row."""
    return log_probs(run.trainer.model, batch)[batch["labels"][:, 1:] != IGNORED]


if __name__ == "__main__":
    command(__doc__, measure)
