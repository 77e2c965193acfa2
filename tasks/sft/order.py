"""In which order an epoch visits its rows: by chance, and alike in length within a step."""

from collections.abc import Sequence
from random import Random


def epoch_order(
    lengths: Sequence[int], batch_rows: int, accumulate: int, seed: int, epoch: int
) -> list[int]:
    """Return every row's index once: shuffled, and sorted by length within each optimizer step.

    Which rows share a step is left to chance. Were they alike in length, as where padding is to be
    saved over a whole epoch, some steps would hold short answers only; each is divided by its own
    few labels, so a task type with 3 % of the loss got 18 % of it as the mean over steps, which
    benchmarks/sft_mix.py prints. Batches of one step are divided by the labels of all of them.

    A function of its arguments alone, so a run that resumes in the middle of an epoch goes on
    with the rows that are left. (transformers' `group_by_length` draws from the global random
    state: after a resume it would repeat some rows and skip others.)
    """
    rows = list(range(len(lengths)))
    Random(f"{seed}/{epoch}").shuffle(rows)
    step = batch_rows * accumulate
    return [
        row
        for start in range(0, len(rows), step)
        for row in sorted(rows[start : start + step], key=lambda row: lengths[row])
    ]
