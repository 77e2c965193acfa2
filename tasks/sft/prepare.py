"""Rows in tokens as the trainer takes them: `input_ids`, and `labels` on what is learned."""

from array import array
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.compute as pc  # type: ignore[import-untyped]
from datasets import Dataset
from trl import pack_dataset

from tasks.sft.labels import IGNORED
from tasks.sft.rows import Encoded, Kept
from tasks.sft.spec import TrainSpec

_TOKENS = pa.list_(pa.int32())


def training_set(kept: Kept, spec: TrainSpec) -> Any:
    """Make the dataset of a run: a row as often as it has copies.

    For `packed`, rows are strung together in random order and cut every `max_tokens` tokens, TRL's
    "wrapped": rows see one another, and those at the cuts lose their end or their beginning.
    """
    rows = dataset(encoded for row, encoded in kept for _ in range(row.copies))
    if spec.batching != "packed":
        return rows
    return pack_dataset(rows.shuffle(seed=spec.seed), spec.max_tokens, "wrapped")


def dataset(rows: Iterable[Encoded]) -> Any:
    """Make a dataset of rows in tokens; only answers carry loss, the last and those chosen."""
    given = list(rows)
    ids = pa.array([np.asarray(one.ids, dtype=np.int32) for one in given], type=_TOKENS)
    labels = pa.array([_labels(one) for one in given], type=_TOKENS)
    return Dataset(pa.table([ids, labels], names=["input_ids", "labels"]))


def blank(rows: Any) -> Any:
    """Make a dataset of one row, two tokens of `rows` without a label."""
    one = Encoded(array("i", rows[0]["input_ids"][:2]), prompt_tokens=2)
    return dataset([one]).cast(rows.features)


def _labels(encoded: Encoded) -> Any:
    labels = np.array(encoded.ids, dtype=np.int32)
    labels[: encoded.prompt_tokens] = IGNORED
    for begin, end in encoded.earlier:
        labels[begin:end] = encoded.ids[begin:end]
    return labels


def lengths(rows: Any) -> list[int]:
    """Count the tokens of each row of a dataset."""
    counts: list[int] = pc.list_value_length(rows.data.column("input_ids")).to_pylist()
    return counts
