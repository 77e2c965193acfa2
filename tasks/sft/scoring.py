"""Log-probabilities of the labels of a batch, in the precision that a run trains in."""

from contextlib import nullcontext
from typing import Any

import torch


def log_probs(model: Any, batch: dict[str, Any]) -> torch.Tensor:
    """Score the labels of a batch in evaluation mode; the model's mode is left as it is.

    Returns:
        [B, T - 1] float32, on the CPU: each label's, given what is before it; 0 where there is none
    """
    device = next(model.parameters()).device
    given = {name: _on(device, value) for name, value in batch.items()}
    was_training = model.training
    model.eval()
    with torch.no_grad(), precision(device):
        scores = model(**given, use_cache=False, fused_lm_head=True).log_probs
    model.train(was_training)
    return scores.float().cpu()


def is_half(model: Any) -> bool:
    """Say whether a run computes in 16 bits: on a GPU it does, whatever its weights are kept in."""
    return bool(next(model.parameters()).device.type == "cuda")


def precision(device: torch.device) -> Any:
    """Compute as a run does: in bfloat16 on a GPU."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def _on(device: torch.device, value: Any) -> Any:
    return value.to(device) if isinstance(value, torch.Tensor) else value
