"""The length-tempered loss: how much a label token weighs by the length of the answer it is in.

TRL's loss is a mean over all label tokens of a step, so an answer of one token beside one of six
hundred hardly counts. With alpha 1 every answer weighs the same, with 0 every token.
"""

from typing import Any

import torch

from tasks.sft.labels import IGNORED


def weights(batch: Any, alpha: float) -> torch.Tensor:
    """Weigh the labels of a batch: an answer of n label tokens has n ** -alpha each.

    Returns:
        [B, T - 1] float32, 0 where there is no label; of B rows, or of B = 1 with many rows side by
        side, told apart by the batch's `seq_idx` [1, T].
    """
    is_label = batch["labels"][:, 1:] != IGNORED
    answers = _answers(batch)[:, 1:]
    counts = torch.zeros(int(answers.max()) + 1, device=is_label.device)
    counts.index_add_(0, answers[is_label], torch.ones_like(answers[is_label], dtype=counts.dtype))
    return torch.where(is_label, counts[answers].clamp(min=1) ** -alpha, 0.0)


def _answers(batch: Any) -> torch.Tensor:
    """Give each token of a batch the number of its row."""
    if "seq_idx" in batch:
        return batch["seq_idx"].long()
    rows, tokens = batch["labels"].shape
    return torch.arange(rows, device=batch["labels"].device)[:, None].expand(rows, tokens)


class Tempered:
    """A model whose log-probabilities are weighed; what TRL makes of them stays its own."""

    def __init__(self, model: Any, weights: torch.Tensor) -> None:
        self.model, self.weights = model, weights

    def __call__(self, **inputs: Any) -> Any:
        """Run the model."""
        outputs = self.model(**inputs)
        outputs.log_probs = outputs.log_probs * self.weights
        return outputs
