"""Are short answers among long ones learned, and does the planned mix get back what was lost?

    python benchmarks/sft_short_answers.py [--quick] [--json FILE]

A tiny base model learns new labels of one word among stories (`benchmarks/sft_stories.py`): a
fifth of the rows, under 1 % of the label tokens. By our trainer, in {padding, concat} x
{`train.length_alpha` 0 = TRL's token mean, .5, 1} x {every row once, copies as
`flywheel dataset plan` plans them}, five seeds of base model, rows and order (`--quick`: one, and
fewer steps). All arms see as many tokens in a step and in all, few enough that the plain arm has
learned about two thirds of the labels: with more steps every arm learns them.

Printed are the share of labels of unseen prompts that are right, mean and standard deviation over
the seeds, and what the planned mix recovers for each batching and loss,

    (right with the planned mix - right with every row once, token mean) /
    (right in the best of all arms - right with every row once, token mean)

of means over the seeds, within a batching. The goal is .9 for the mix that is planned for the
token mean, the default. A loss that gives labels their share by itself is planned no copies: the
two arms are one.
"""

import sys
import tempfile
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import polars as pl

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.sft_runs import (  # noqa: E402
    asked,
    budget,
    command,
    fit,
    planned,
    saved,
    spread,
    training_row,
)
from benchmarks.sft_stories import LABEL, SHORT, STORY, base, rows  # noqa: E402

BATCHINGS, ALPHAS, MIXES = ("padding", "concat"), (0.0, 0.5, 1.0), ("once", "planned")
TRAINED, HELD_OUT = {LABEL: 800, STORY: 3_200}, {LABEL: 300}
LIMIT = 8  # tokens of an answer
GOAL = 0.9
Arm = tuple[str, float, str]  # batching, alpha, mix


class Trial(NamedTuple):
    """What one arm made of one seed."""

    right: float  # share of the labels of unseen prompts
    share: float  # of the loss, that labels have


def measure(quick: bool) -> dict[str, float]:
    """Train every arm with every seed, print a line for each arm, and return the figures."""
    seeds, steps = (1, 60) if quick else (5, 240)
    found: dict[Arm, list[Trial]] = {arm: [] for arm in product(BATCHINGS, ALPHAS, MIXES)}
    for seed in range(1, seeds + 1):
        with tempfile.TemporaryDirectory() as place:
            start = base(Path(place), seed, steps)
            for arm, trial in trials(start, seed, steps):
                found[arm].append(trial)
    right = {arm: mean(one.right for one in trials) for arm, trials in found.items()}
    show(found, right)
    figures = {f"right: {named(arm)}": round(value, 4) for arm, value in right.items()}
    return figures | {
        f"recovered: {named(arm)}": round(recovered(right, arm), 4)
        for arm in right
        if arm[-1] == "planned"
    }


def trials(start: Path, seed: int, steps: int) -> Iterator[tuple[Arm, Trial]]:
    """Train each arm from one base model, and ask for labels; what needs no copies is one arm."""
    for alpha in ALPHAS:
        mix, _ = planned(rows(seed, TRAINED), start, alpha, SHORT)
        once = mix.with_columns(copies=1)
        for batching in BATCHINGS:
            told = {"length_alpha": alpha, "seed": seed}
            plain = trial(start, once, batching, steps, told)
            yield (batching, alpha, "once"), plain
            is_same = mix["copies"].max() == 1
            mixed = plain if is_same else trial(start, mix, batching, steps, told)
            yield (batching, alpha, "planned"), mixed


def trial(
    start: Path, given: pl.DataFrame, batching: str, steps: int, told: dict[str, Any]
) -> Trial:
    """Train on some rows and ask for the labels of unseen prompts."""
    held_out = [training_row(row) for row in rows(0, HELD_OUT).to_dicts()]
    with tempfile.TemporaryDirectory() as place:
        run = fit(budget(start, given, Path(place), batching, steps).model_copy(update=told))
        answered = asked(saved(run, Path(place) / "model"), held_out, LIMIT)
    return Trial(answered.right, share_of_labels(given))


def share_of_labels(given: pl.DataFrame) -> float:
    """Return the share of the loss that labels have."""
    loss = pl.col("label_tokens") * pl.col("weight") * pl.col("copies")
    is_label = pl.col("kind") == LABEL.partition("/")[2]
    return float(given.select(loss.filter(is_label).sum() / loss.sum()).item())


def recovered(right: dict[Arm, float], arm: Arm) -> float:
    """Return how much of what the best arm of a batching has over the plain one an arm has."""
    batching = arm[0]
    plain = right[batching, 0.0, "once"]
    best = max(value for (one, *_), value in right.items() if one == batching)
    return (right[arm] - plain) / (best - plain) if best > plain else 1.0


def show(found: dict[Arm, list[Trial]], right: dict[Arm, float]) -> None:
    """Print a line for each arm, and whether the goal is met."""
    print(
        f"{'batching':10}{'alpha':>6}  {'rows':9}{'of the loss':>12}{'right':>16}{'recovered':>11}"
    )
    for arm, each in found.items():
        batching, alpha, mix = arm
        shown = f"{mean(one.share for one in each):>12.2%}{spread([one.right for one in each]):>16}"
        back = f"{recovered(right, arm):>11.0%}" if mix == "planned" else ""
        print(f"{batching:10}{alpha:>6}  {mix:9}{shown}{back}")
    least = min(recovered(right, (batching, 0.0, "planned")) for batching in BATCHINGS)
    print(f"planned for the token mean: {least:.0%} recovered, goal {GOAL:.0%}")


def named(arm: Arm) -> str:
    """Return an arm as the key of a figure."""
    return " ".join(map(str, arm))


if __name__ == "__main__":
    command(__doc__, measure)
