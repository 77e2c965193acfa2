"""In which order an epoch visits its rows: by chance, but alike in length within a batch."""

from collections.abc import Sequence
from random import Random

_BATCHES_SORTED_TOGETHER = 20  # as few as still leave little padding


def epoch_order(lengths: Sequence[int], batch_rows: int, seed: int, epoch: int) -> list[int]:
    """Return every row's index once: shuffled, sorted by length in groups, batches shuffled.

    A function of its arguments alone, so a run that resumes in the middle of an epoch goes on
    with the rows that are left. (transformers' `group_by_length` draws from the global random
    state: after a resume it would repeat some rows and skip others.)
    """
    rng = Random(f"{seed}/{epoch}")
    rows = list(range(len(lengths)))
    rng.shuffle(rows)
    group = batch_rows * _BATCHES_SORTED_TOGETHER
    alike = [
        row
        for start in range(0, len(rows), group)
        for row in sorted(rows[start : start + group], key=lambda row: lengths[row])
    ]
    batches = [alike[start : start + batch_rows] for start in range(0, len(alike), batch_rows)]
    whole = [batch for batch in batches if len(batch) == batch_rows]
    rng.shuffle(whole)
    rest = batches[len(whole) :]  # a short batch goes last, or it would shift all others
    return [row for batch in whole + rest for row in batch]
