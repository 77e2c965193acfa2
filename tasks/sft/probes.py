"""What the model and the collator make of the first batches of a run; nothing is changed."""

from typing import Any, NamedTuple

import torch

from tasks.sft.labels import IGNORED
from tasks.sft.scoring import log_probs
from tasks.sft.trainer import Trainer

_BATCHES = 20
_ROWS = 8  # of a batch that are scored alone too


class Seen(NamedTuple):
    """What is in the first batches."""

    batches: int
    labels: int
    wanted: int  # labels that the rows of these batches have
    attended: int  # padding tokens that the model would attend to


def first_batches(trainer: Trainer) -> Seen:
    """Collate the first batches of a run and count."""
    labels = wanted = attended = 0
    numbers = trainer.batches.epochs[0][:_BATCHES]
    for batch in numbers:
        rows = [trainer.train_dataset[row] for row in batch]
        made = trainer.data_collator(rows)
        labels += int((made["labels"] != IGNORED).sum())
        wanted += sum(label != IGNORED for row in rows for label in row["labels"])
        attended += _real(made) - sum(len(row["input_ids"]) for row in rows)
    return Seen(len(numbers), labels, wanted, attended)


def fill(trainer: Trainer) -> float:
    """Return the share of the tokens of the first batches that is text, 0 to 1."""
    batches = trainer.batches.epochs[0][:_BATCHES]
    rows = [[trainer.train_dataset[row] for row in batch] for batch in batches]
    text = sum(len(row["input_ids"]) for batch in rows for row in batch)
    if trainer.spec.batching == "concat":
        return text / (len(batches) * trainer.at_once * trainer.spec.max_tokens)
    return text / sum(int(trainer.data_collator(batch)["input_ids"].numel()) for batch in rows)


def difference(trainer: Trainer) -> float:
    """Return how far log-probabilities in a batch are from those of each row alone, at most.

    Looked at is the first batch with several rows, in evaluation mode; 0.0 if there is none.
    """
    batch = next((rows for rows in trainer.batches.epochs[0] if len(rows) > 1), [])[:_ROWS]
    if not batch:
        return 0.0
    rows = [trainer.train_dataset[row] for row in batch]
    together = trainer.data_collator(rows)
    apart = [_scores(trainer, trainer.data_collator([row])) for row in rows]
    return float((_scores(trainer, together) - torch.cat(apart)).abs().max())


def loss(trainer: Trainer) -> float:
    """Return the mean loss over the label tokens of the first batch, before any step."""
    rows = [trainer.train_dataset[row] for row in trainer.batches.epochs[0][0]]
    return float(-_scores(trainer, trainer.data_collator(rows)).mean())


def _scores(trainer: Trainer, batch: dict[str, Any]) -> torch.Tensor:
    """Score all labels of a batch, row after row."""
    is_label = batch["labels"][:, 1:] != IGNORED
    return log_probs(trainer.model, batch)[is_label]


def _real(batch: dict[str, Any]) -> int:
    """Count the tokens that the model attends to."""
    mask = batch.get("attention_mask")
    return int(batch["input_ids"].numel() if mask is None else mask.sum())
