"""The length-tempered loss, against one that is worked out by hand, and its weights."""

from dataclasses import replace

import pytest

pytest.importorskip("torch", reason="not run: no torch")


@pytest.fixture(scope="module")
def prepared(base, intents, write_rows, tmp_path_factory):
    """Sixteen rows in tokens, with answers of one to forty words."""
    from transformers import AutoTokenizer

    from tasks.sft.prepare import training_set
    from tasks.sft.rows import keep, read_rows
    from tasks.sft.spec import TrainSpec

    folder = tmp_path_factory.mktemp("loss")
    lengths = [1, 1, 2, 12, 40, 3, 1, 25] * 2
    examples = [
        replace(one, answer=" ".join([one.answer] * n))
        for one, n in zip(intents, lengths, strict=False)
    ]
    rows = write_rows(folder / "rows.jsonl", examples)
    spec = TrainSpec(
        base_model=str(base), rows=rows, out=folder / "run", max_tokens=512, epochs=1, warmup=0
    )
    tokenizer = AutoTokenizer.from_pretrained(base)
    kept, _ = keep(tokenizer, read_rows(rows), spec.max_tokens)
    return spec, tokenizer, training_set(kept, spec)


@pytest.fixture
def trainer(prepared):
    """Make a trainer whose epoch is one step of plain gradient descent, in batches as told."""
    from transformers import AutoModelForCausalLM

    from tasks.sft.trainer import Trainer

    spec, tokenizer, rows = prepared

    def make(kind=Trainer, **told):
        model = AutoModelForCausalLM.from_pretrained(spec.base_model)
        made = kind(model, spec.model_copy(update=told), rows, tokenizer)
        made.args.logging_steps = made.state.logging_steps = 1
        return made

    return make


def step(trainer):
    """Return (loss, weights after one step of descent at rate 1) over all batches of an epoch."""
    import torch

    trainer.model.train()
    batches = list(trainer.get_train_dataloader())
    items = trainer._get_num_items_in_batch(batches, trainer.args.device)
    losses = [trainer.compute_loss(trainer.model, b, num_items_in_batch=items) for b in batches]
    loss = sum(losses)
    loss.backward()
    return loss.item(), torch.cat(
        [(one - one.grad).detach().flatten() for one in trainer.model.parameters()]
    )


def by_hand(rows, model, alpha):
    """Mean of the answers' token losses, each weighed by its answer's length ** -alpha."""
    import torch
    from torch.nn.functional import cross_entropy

    losses, weights = [], []
    for row in rows:
        labels = torch.tensor(row["labels"])[1:]
        logits = model(torch.tensor([row["input_ids"]])).logits[0, :-1]
        answer = labels != -100
        losses.append(cross_entropy(logits[answer], labels[answer], reduction="none"))
        weights.append(torch.full_like(losses[-1], float(answer.sum()) ** -alpha))
    losses, weights = torch.cat(losses), torch.cat(weights)
    return ((losses * weights).sum() / weights.sum()).item()


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_the_loss_is_the_one_worked_out_by_hand(trainer, alpha):
    made = trainer(batching="padding", batch_rows=16, length_alpha=alpha)
    found = step(made)[0]
    expected = by_hand(made.train_dataset, made.model.double().eval(), alpha)
    assert found == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("alpha", [0.0, 0.5, 1.0])
def test_batching_and_accumulation_change_no_loss_and_no_weight(trainer, alpha):
    loss, weights = step(trainer(batching="padding", batch_rows=16, length_alpha=alpha))
    for batching, rows in (
        ("padding", 3),
        ("padding_free", 16),
        ("padding_free", 5),
        ("concat", 8),
    ):
        made = trainer(batching=batching, batch_rows=rows, length_alpha=alpha)
        other, moved = step(made)
        assert other == pytest.approx(loss, rel=1e-6), (batching, rows)
        assert (moved - weights).abs().max() < 1e-6, (batching, rows)


def test_alpha_0_is_trls_own_loss_and_alpha_1_is_another(trainer, monkeypatch):
    from trl import SFTTrainer

    from tasks.sft.trainer import Trainer

    made = step(trainer(batching="concat", batch_rows=4))
    tempered = step(trainer(batching="concat", batch_rows=4, length_alpha=1.0))
    for name in ("compute_loss", "_get_num_items_in_batch"):
        monkeypatch.setattr(Trainer, name, getattr(SFTTrainer, name))
    own = step(trainer(batching="concat", batch_rows=4))
    assert made[0] == own[0]
    assert made[1].equal(own[1])
    assert abs(tempered[0] - own[0]) > 1e-3


def test_answers_weigh_the_same_at_alpha_1_side_by_side_or_below_each_other():
    import torch

    from tasks.sft.loss import weights

    apart = {"labels": torch.tensor([[-100, 5, -100, -100], [-100, 6, 7, 2]])}
    assert weights(apart, 1.0).sum(dim=1).tolist() == [1, pytest.approx(1)]
    beside = {
        "labels": torch.tensor([[-100, 5, -100, 6, 7, 2]]),
        "seq_idx": torch.tensor([[0, 0, 1, 1, 1, 1]], dtype=torch.int32),
    }
    assert weights(beside, 1.0)[0].tolist() == [1, 0, *[pytest.approx(1 / 3)] * 3]
    assert weights(beside, 0.5)[0].tolist() == [1, 0, *[pytest.approx(3**-0.5)] * 3]
    assert weights(beside, 0.0)[0].tolist() == [1, 0, 1, 1, 1]
