"""The labels that the trainer really gets of our rows, looked at through the tokenizer."""

import pytest

pytest.importorskip("torch", reason="not run: no torch")

from tasks.sft import rows, tokens
from tasks.sft.spec import TrainSpec

IGNORED = -100


@pytest.fixture
def trainer(tmp_path, base, loaded, intents, write_rows):
    from tasks.sft.prepare import training_set
    from tasks.sft.trainer import Trainer

    tokenizer, model = loaded
    tokens.agree(tokenizer, model)
    path = write_rows(tmp_path / "rows.jsonl", intents, copies=2)
    spec = TrainSpec(base_model=str(base), rows=path, out=tmp_path, batch_rows=8)
    kept, _ = rows.keep(tokenizer, rows.read_rows(path), spec.max_tokens)
    return Trainer(model, spec, training_set(kept, spec), tokenizer)


def batches(trainer):
    return [(ids, batch) for batch in trainer.get_train_dataloader() for ids in batch["labels"]]


def test_every_batched_row_is_trained_on_its_answer_and_its_end_and_nothing_else(trainer, intents):
    tokenizer = trainer.processing_class
    seen = [
        tokenizer.decode([i for i in labels.tolist() if i != IGNORED])
        for labels, _ in batches(trainer)
    ]
    assert sorted(seen) == sorted([f"{one.answer}<|end|>" for one in intents] * 2)


def test_padding_carries_no_loss_and_no_attention(trainer):
    pad = trainer.processing_class.pad_token_id
    for batch in trainer.get_train_dataloader():
        padding = batch["input_ids"] == pad
        assert (batch["labels"][padding] == IGNORED).all()
        assert not batch["attention_mask"][padding].any()
        assert batch["attention_mask"][~padding].all()
