"""Rows in tokens as the trainer takes them: `input_ids`, and `labels` on the answer alone."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from datasets import Dataset
from trl import pack_dataset

from schemas.errors import StopTokenUnclear
from tasks.sft.rows import Encoded, Kept
from tasks.sft.spec import TrainSpec

IGNORED = -100
_TOKENS = pa.list_(pa.int32())


def training_set(kept: Kept, spec: TrainSpec, stop: int) -> Any:
    """Make the dataset of a run: a row as often as it has copies.

    For `packed`, rows are strung together in random order and cut every `max_tokens` tokens, TRL's
    "wrapped": rows see one another, and those at the cuts lose their end or their beginning.

    Raises:
        StopTokenUnclear: a row would teach the model to go on talking.
    """
    rows = dataset(encoded for row, encoded in kept for _ in range(row.copies))
    check_ends(rows, stop)
    if spec.batching != "packed":
        return rows
    return pack_dataset(rows.shuffle(seed=spec.seed), spec.max_tokens, "wrapped")


def dataset(rows: Iterable[Encoded]) -> Any:
    """Make a dataset of rows in tokens; prompts carry no loss."""
    given = list(rows)
    ids = pa.array([np.asarray(one.ids, dtype=np.int32) for one in given], type=_TOKENS)
    labels = pa.array([_labels(one) for one in given], type=_TOKENS)
    return Dataset(pa.table([ids, labels], names=["input_ids", "labels"]))


def _labels(encoded: Encoded) -> Any:
    labels = np.array(encoded.ids, dtype=np.int32)
    labels[: encoded.prompt_tokens] = IGNORED
    return labels


def lengths(rows: Any) -> list[int]:
    """Count the tokens of each row of a dataset."""
    return [len(ids) for ids in rows["input_ids"]]


def check_ends(rows: Any, stop: int) -> None:
    """Look at the labels of each row: it must be trained on its stop token.

    Not merely as the last one: ChatML's line break after it carries loss too.

    Raises:
        StopTokenUnclear: a row would teach the model to go on talking.
    """
    without = [number for number, labels in enumerate(rows["labels"]) if stop not in labels]
    if without:
        raise StopTokenUnclear(
            f"{len(without)} of {len(rows)} rows have no end token among their labels, the first "
            f"is row {without[0]} of the prepared data: the model would not learn to stop. The "
            "chat template may end its last turn in another way than the others."
        )
