"""Is the share of the loss that a plan promises the one that training gets?

    python benchmarks/sft_mix.py [--quick] [--json FILE]

3,000 made-up rows (`--quick`: 1,000) of four task types, two of them with answers of one or two
words, are planned as `flywheel dataset plan` does it, with a real tokenizer and chat template, and
batched by our trainer in every way that `train.batching` knows. Then the labels of all batches of
an epoch are weighed as the loss weighs them. Every task type has words of its own, so that a label
token says where it belongs, however rows were cut. Printed is the worst ratio of planned and
achieved share, and beside it the share of a short task type as the mean over steps: a step with few
labels has as long a stride as one with many.
"""

import random
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

import polars as pl

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.sft_bases import TOKENIZERS, make  # noqa: E402  found from the root
from benchmarks.sft_runs import command, planned, training_row  # noqa: E402
from tasks.sft.assemble import assemble  # noqa: E402
from tasks.sft.loss import weights  # noqa: E402
from tasks.sft.measure import write_rows  # noqa: E402
from tasks.sft.spec import TrainSpec  # noqa: E402

ANSWERS = {  # task type: its words, the least and the most of them in an answer
    "classification/sentiment": ("good bad fine poor", 1, 1),
    "classification/intent": ("order refund login invoice", 1, 2),
    "writing/email": ("dear team kindly regards meeting", 20, 80),
    "creative/story": ("dragon castle river knight forest", 60, 240),
}
SHORT = frozenset(list(ANSWERS)[:2])
MODES = [("padding", 0.0), ("padding", 0.5), ("concat", 0.0), ("concat", 0.5)]
MODES += [("padding_free", 0.0), ("padding_free", 0.5), ("packed", 0.0)]
MOST = 0.05  # of a share that planned and achieved may differ


def rows(count: int) -> pl.DataFrame:
    """Make answers of the four task types, as many of each."""
    rng, made = random.Random(7), []
    for number in range(count):
        label = list(ANSWERS)[number % len(ANSWERS)]
        words, least, most = ANSWERS[label]
        area, kind = label.split("/")
        said = f"write about thing number {rng.randrange(10**6)}" + " please" * rng.randrange(20)
        made.append(
            {
                "answer_id": f"a{number}",
                "area": area,
                "kind": kind,
                "messages": [{"role": "user", "content": said}],
                "answer": " ".join(rng.choices(words.split(), k=rng.randint(least, most))),
                "tools": None,
                "learned_turns": None,
            }
        )
    unused = {"tools": pl.String, "learned_turns": pl.List(pl.Int32)}
    return pl.DataFrame(made, schema_overrides=unused)


def achieved(shown: pl.DataFrame, base: Path, folder: Path, batching: str, alpha: float) -> Any:
    """Return the share of each task type in all batches of an epoch, and its mean over steps."""
    write_rows(folder / "rows.jsonl", map(training_row, shown.to_dicts()))
    told = {"base_model": str(base), "rows": folder / "rows.jsonl", "out": folder, "threads": 1}
    told |= {"batching": batching, "length_alpha": alpha, "epochs": 1, "batch_rows": 16}
    run = assemble(TrainSpec(**told))
    owner = _owners(run.tokenizer)
    every = run.trainer.args.gradient_accumulation_steps
    found = [_by_type(batch, alpha, owner) for batch in run.trainer.get_train_dataloader()]
    steps = [_summed(found[first : first + every]) for first in range(0, len(found), every)]
    whole = _summed(steps)
    total = sum(whole.values())
    by_step = [{name: loss / sum(one.values()) for name, loss in one.items()} for one in steps]
    return (
        {name: loss / total for name, loss in whole.items()},
        {name: loss / len(steps) for name, loss in _summed(by_step).items()},
    )


def _by_type(batch: Any, alpha: float, owner: dict[int, str]) -> dict[str, float]:
    """Return what the labels of a batch weigh, by task type."""
    found, label = defaultdict[str, float](float), ""
    tokens = batch["labels"][:, 1:].flatten().tolist()
    for token, weight in zip(tokens, weights(batch, alpha).flatten().tolist(), strict=True):
        label = owner.get(token, label)  # the end of a turn belongs to what stands before it
        found[label] += weight
    return found


def _summed(parts: list[dict[str, float]]) -> dict[str, float]:
    return {name: sum(part.get(name, 0.0) for part in parts) for name in ANSWERS}


def _owners(tokenizer: Any) -> dict[int, str]:
    """Return the task type that each token of an answer belongs to."""
    owner = dict[int, str]()
    for label, (words, _, _) in ANSWERS.items():
        for form in (form for word in words.split() for form in (word, f" {word}")):
            [token] = tokenizer(form, add_special_tokens=False)["input_ids"]
            owner[token] = label
    return owner


def measure(quick: bool) -> dict[str, float]:
    """Print a line per batching; return the figures."""
    given = rows(1_000 if quick else 3_000)
    words = [word for words, _, _ in ANSWERS.values() for word in words.split()]
    texts = [form for word in words for form in (word, f" {word}") for _ in range(9)]
    family, made = TOKENIZERS["qwen chat: pad of its own"]
    figures: dict[str, float] = {}
    print(f"{'batching':16}{'alpha':>6}{'planned':>10}{'achieved':>10}{'by step':>10}{'worst':>8}")
    with tempfile.TemporaryDirectory() as place:
        base = make(Path(place) / "base", family, made(texts))
        for batching, alpha in MODES:
            shown, plan = planned(given, base, alpha, SHORT)
            shares, by_step = achieved(shown, base, Path(place), batching, alpha)
            worst = max(abs(shares[name] / plan[name] - 1) for name in ANSWERS)
            one = min(SHORT)
            shown_as = f"{plan[one]:>10.4f}{shares[one]:>10.4f}{by_step[one]:>10.4f}"
            print(f"{batching:16}{alpha:>6}{shown_as}{worst:>8.2%}")
            figures[f"worst: {batching} {alpha}"] = round(worst, 4)
    print(f"largest difference {max(figures.values()):.2%}, goal {MOST:.0%}; shares are of {one}")
    return figures


if __name__ == "__main__":
    command(__doc__, measure)
