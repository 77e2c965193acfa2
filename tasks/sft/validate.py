"""The loss of a model on rows it is not trained on: each alone, padded, never packed."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from trl.trainer.sft_trainer import DataCollatorForLanguageModeling

from tasks.sft.prepare import dataset
from tasks.sft.rows import Kept
from tasks.sft.scoring import log_probs
from tasks.sft.spec import TypeLoss


def losses(model: Any, rows: Kept, pad: int, batch_rows: int) -> tuple[TypeLoss, ...]:
    """Measure the mean loss over the label tokens of each task type, in order of their names.

    Args:
        model: as TRL's trainer has prepared it.
        rows: what is measured; copies do not count.
        pad: id of the padding token.
        batch_rows: rows in memory at once.
    """
    collate = DataCollatorForLanguageModeling(pad_token_id=pad)
    found: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for batch in _alike(rows, batch_rows):
        tokens = collate(list(dataset(encoded for _, encoded in batch)))
        scores = log_probs(model, tokens).double().sum(dim=1).tolist()
        for (row, encoded), score in zip(batch, scores, strict=True):
            found[row.task_type].append((encoded.label_tokens, -score))
    return tuple(_mean(task_type, found[task_type]) for task_type in sorted(found))


def _alike(rows: Kept, batch_rows: int) -> Iterator[Kept]:
    """Yield batches of rows that are alike in length, so that little is padding."""
    sorted_rows = sorted(rows, key=lambda row: row[1].tokens)
    for start in range(0, len(rows), batch_rows):
        yield sorted_rows[start : start + batch_rows]


def _mean(task_type: str, rows: list[tuple[int, float]]) -> TypeLoss:
    tokens = sum(count for count, _ in rows)
    loss = sum(nll for _, nll in rows) / tokens
    return TypeLoss(task_type=task_type, rows=len(rows), label_tokens=tokens, loss=loss)
