"""A plain training loop, and the ways of padding and masking that such loops have."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple

import torch
from transformers import DataCollatorForLanguageModeling, DataCollatorForSeq2Seq

from tasks.sft.assemble import Assembled, assemble
from tasks.sft.labels import IGNORED
from tasks.sft.spec import TrainSpec


class Way(NamedTuple):
    """What pads, what the labels are, and on which side the padding stands."""

    pad: Literal["own", "eos"]
    mask: Literal["by id", "by length", "our trainer"]
    side: Literal["right", "left"]


TRAP = Way("eos", "by id", "right")


def steps(spec: TrainSpec, way: Way) -> Iterator[tuple[int, Assembled]]:
    """Train in a plain loop; after each step, yield its number and the run, whose model is trained.

    Args:
        spec: its rows, batches, epochs and learning rate.
        way: with labels `by id`, those of `transformers.DataCollatorForLanguageModeling`, all that
            equals the pad has no loss; `by length`, our labels, on the answer alone, are padded.
    """
    run = assemble(spec)
    if way.pad == "eos":
        run.tokenizer.pad_token = run.tokenizer.eos_token
    run.tokenizer.padding_side = way.side
    model = run.trainer.model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=spec.learning_rate, weight_decay=0)
    step = 0
    for batches in run.trainer.batches.epochs:
        for batch in batches:
            model(**_collated(run, batch, way)).loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            step += 1
            yield step, run


def _collated(run: Assembled, batch: list[int], way: Way) -> Any:
    rows = [run.trainer.train_dataset[row] for row in batch]
    if way.mask == "by length":
        return DataCollatorForSeq2Seq(run.tokenizer, label_pad_token_id=IGNORED)(rows)
    texts = [{"input_ids": row["input_ids"]} for row in rows]
    return DataCollatorForLanguageModeling(run.tokenizer, mlm=False)(texts)
