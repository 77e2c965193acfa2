"""Spare the CPU the scores of tokens that carry no loss."""

from trl.trainer import utils


def score_labels_only() -> None:
    """Let TRL's fused head score the label positions alone, as it does wherever Triton runs.

    Elsewhere it scores prompts and padding too and multiplies them by zero. Measured on a CPU with
    a vocabulary of 1,536 and two layers: 66 of the 89 ms of a step were the head, two thirds of
    them for nothing. A release of TRL without this switch is merely slower.
    """
    if hasattr(utils, "_use_triton"):
        utils._use_triton = lambda _device: True
