"""Scoring label positions only is a matter of speed: the loss stays what it is."""

import pytest

pytest.importorskip("torch", reason="not run: no torch")


def test_scoring_labels_only_changes_no_loss(spec, tmp_path, monkeypatch):
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl.trainer import utils

    from tasks.sft.prepare import training_set
    from tasks.sft.rows import keep, read_rows
    from tasks.sft.trainer import Trainer

    losses = []
    for labels_only in (True, False):
        monkeypatch.setattr(utils, "_use_triton", lambda _device, only=labels_only: only)
        tokenizer = AutoTokenizer.from_pretrained(spec.base_model)
        model = AutoModelForCausalLM.from_pretrained(spec.base_model)
        kept, _ = keep(tokenizer, read_rows(spec.rows), spec.max_tokens)
        told = spec.model_copy(update={"out": tmp_path})
        rows = training_set(kept, told)
        trainer = Trainer(model, told, rows, tokenizer)
        batch = next(iter(trainer.get_train_dataloader()))
        labels = (batch["labels"][:, 1:] != -100).sum()
        losses.append(trainer.compute_loss(trainer.model, batch, num_items_in_batch=labels).item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[0] > 1
