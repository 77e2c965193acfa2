"""Rows of embeddings for tokens that a tokenizer was given: always the same for the same model."""

from typing import Any

import torch

from schemas.errors import TrainingError

_MULTIPLE = 64  # of rows after a resize; matters for speed on a GPU only


def grow(model: Any, tokenizer: Any) -> None:
    """Give every token a row of embeddings, tied ones staying tied; old rows stay as they are.

    A new row is the mean of the old ones, so no new token stands out. No random number is drawn: a
    run that is begun again begins from the same weights.

    Raises:
        TrainingError: tokens that nobody added have none: it is the tokenizer of another model.
    """
    before = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) <= before:
        return
    added = set(tokenizer.get_added_vocab().values())
    if strange := set(range(before, len(tokenizer))) - added:
        raise TrainingError(
            f"the tokenizer has {len(tokenizer)} tokens and the base model {before} rows of "
            f"embeddings: {len(strange)} words have none, so they do not belong together.",
            "Save the tokenizer that the model was trained with into its folder.",
        )
    model.resize_token_embeddings(len(tokenizer), pad_to_multiple_of=_MULTIPLE, mean_resizing=False)
    for rows in _weights(model):
        _set(rows, slice(before, None), rows[:before].mean(dim=0))


def copy_row(model: Any, source: int, target: int) -> None:
    """Let a token begin with the embeddings of another one."""
    for rows in _weights(model):
        _set(rows, target, rows[source])


def _weights(model: Any) -> list[torch.Tensor]:
    """Return the weights of input and output embeddings, one if they are tied."""
    given, scored = model.get_input_embeddings().weight, model.get_output_embeddings().weight
    return [given] if given.data_ptr() == scored.data_ptr() else [given, scored]


def _set(rows: torch.Tensor, place: slice | int, value: torch.Tensor) -> None:
    with torch.no_grad():
        rows[place] = value.clone()
