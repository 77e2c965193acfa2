"""All that a run needs before its first step: tokenizer, model, rows and the trainer over them."""

from dataclasses import dataclass
from typing import Any

import torch
from datasets import disable_progress_bars

from schemas.errors import TrainingError
from tasks.sft import tokens
from tasks.sft.attention import kernel
from tasks.sft.head import score_labels_only
from tasks.sft.left_out import nothing_left
from tasks.sft.load import tokenizer_of, weights_of
from tasks.sft.lora import refuse_resized
from tasks.sft.prepare import training_set
from tasks.sft.rows import Kept, keep, read_rows
from tasks.sft.spec import DroppedRow, TrainSpec
from tasks.sft.trainer import Trainer
from tasks.sft.weights import base_of


@dataclass(frozen=True, slots=True)
class Assembled:
    """A run that is ready to begin."""

    spec: TrainSpec
    trainer: Trainer
    tokenizer: Any
    agreed: tokens.Agreed
    kept: Kept
    dropped: tuple[DroppedRow, ...]
    validation: Kept
    not_measured: tuple[DroppedRow, ...]  # rows of the validation split that could not be

    @property
    def counts(self) -> dict[str, int]:
        """Count rows and tokens of an epoch, as `TrainResult` names them."""
        return {
            "rows": len(self.kept),
            "rows_with_copies": sum(row.copies for row, _ in self.kept),
            "label_tokens": sum(encoded.label_tokens * row.copies for row, encoded in self.kept),
            "tokens": sum(encoded.tokens * row.copies for row, encoded in self.kept),
        }


def assemble(spec: TrainSpec) -> Assembled:
    """Load and prepare everything; nothing is trained.

    Raises:
        PadEqualsEos, StopTokenUnclear: the base model cannot learn to stop.
        ResizedForLora: it has too few embeddings for LoRA.
        TrainingError: there is no such model, no row is left, or LoRA finds nothing to train.
    """
    disable_progress_bars()
    score_labels_only()
    if spec.threads:
        torch.set_num_threads(spec.threads)
    tokenizer = tokenizer_of(spec.base_model)
    attention = kernel(base_of(spec.base_model) or spec.base_model, spec.attention)
    model = weights_of(spec.base_model, torch.float32, attention)
    rows_before = model.get_input_embeddings().weight.shape[0]
    agreed = tokens.agree(tokenizer, model, spec.pad_token)
    if spec.lora.rank:
        refuse_resized(rows_before, model, tokenizer)
    kept, dropped = keep(tokenizer, read_rows(spec.rows), spec.max_tokens)
    if not kept:
        raise nothing_left(spec, dropped)
    trainer = _trainer(model, spec, training_set(kept, spec), tokenizer)
    measured, not_measured = _validation(spec, tokenizer)
    return Assembled(spec, trainer, tokenizer, agreed, kept, dropped, measured, not_measured)


def _trainer(model: Any, spec: TrainSpec, rows: Any, tokenizer: Any) -> Trainer:
    try:
        return Trainer(model, spec, rows, tokenizer)
    except ValueError as error:
        if "target" not in str(error).lower():
            raise
        raise TrainingError(
            f"[train.lora] finds nothing to train in the base model: {str(error).splitlines()[0]}",
            'Name modules that it has as `target_modules`, or leave it at "all-linear".',
        ) from error


def _validation(spec: TrainSpec, tokenizer: Any) -> tuple[Kept, tuple[DroppedRow, ...]]:
    """Read the rows that are only measured; those that could not be trained on are left out."""
    if spec.validation is None:
        return [], ()
    return keep(tokenizer, read_rows(spec.validation), spec.max_tokens)
