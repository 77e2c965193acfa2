"""Ends of a run that come from outside: a signal, a full disk, too little memory."""

import errno
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import torch
from safetensors import SafetensorError
from transformers import TrainerCallback

from schemas.errors import TrainingFailed
from tasks.sft.ranks import any_of

_FULL_DISK = ("No space left on device", "PytorchStreamWriter failed", "Disk quota exceeded")
_SMALLER_BATCHES = (
    "lower `batch_rows` and raise `accumulate`, or lower `max_tokens`. Run again to resume, from "
    "the start if these have changed."
)
_NO_MEMORY = ("can't allocate memory", "out of memory", "Cannot allocate memory")


class EndOnSignal(TrainerCallback):
    """On SIGTERM, finishes the step it is in, saves a checkpoint and ends the run."""

    def __init__(self) -> None:
        self.is_asked = False

    def __enter__(self) -> "EndOnSignal":
        self.before = signal.signal(signal.SIGTERM, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGTERM, self.before)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Save and stop if the signal has come."""
        self.is_asked = any_of(self.is_asked)
        if self.is_asked:
            control.should_save = control.should_training_stop = True
        return control

    def refuse_unfinished(self, step: int, steps: int) -> None:
        """Say that a run was ended before its last step.

        Raises:
            TrainingFailed: it was.
        """
        if self.is_asked and step < steps:
            raise TrainingFailed(
                f"the run was ended by SIGTERM after step {step} of {steps}, which is saved. Run "
                "again to resume."
            )

    def _hear(self, _signal: int, _frame: FrameType | None) -> None:
        self.is_asked = True


@contextmanager
def in_words(smaller: str = _SMALLER_BATCHES) -> Iterator[None]:
    """Turn what a machine had too little of into one line; other errors keep their traceback.

    Args:
        smaller: how to need less memory.

    Raises:
        TrainingFailed: the disk is full, or memory is.
    """
    try:
        yield
    except (OSError, MemoryError, RuntimeError, SafetensorError) as error:
        if why := cause(error, smaller):
            raise TrainingFailed(why) from error
        raise


def cause(error: BaseException, smaller: str = _SMALLER_BATCHES) -> str | None:
    """Say in words what a machine had too little of; None if that is not what went wrong."""
    said = str(error)
    is_full = isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}
    if is_full or any(mark in said for mark in _FULL_DISK):
        return (
            "the disk is full: a checkpoint or the model could not be written. Make room and run "
            "again to resume from the last whole checkpoint."
        )
    is_short = isinstance(error, MemoryError | torch.OutOfMemoryError)
    if is_short or any(mark in said for mark in _NO_MEMORY):
        return f"there is too little memory for a batch: {smaller}"
    return None
