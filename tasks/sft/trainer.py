"""TRL's trainer over rows in tokens: our batches, our loss where `length_alpha` is set."""

from typing import Any

import torch
from datasets import concatenate_datasets
from torch.utils.data import DataLoader
from trl import SFTConfig, SFTTrainer

from tasks.sft.batches import Batches, plan_epochs
from tasks.sft.lora import lora_config
from tasks.sft.loss import Tempered, weights
from tasks.sft.pad import refuse_end
from tasks.sft.prepare import blank, lengths
from tasks.sft.spec import TrainSpec
from tasks.sft.tokens import ends

KEPT_CHECKPOINTS = 2


class Trainer(SFTTrainer):
    """TRL's trainer with batches that survive a resume, and the length-tempered loss."""

    def __init__(self, model: Any, spec: TrainSpec, rows: Any, tokenizer: Any) -> None:
        self.spec = spec
        self.at_once, accumulate = batch_size(spec, model)
        epochs = plan_epochs(spec, lengths(rows), self.at_once)
        self.batches = Batches(epochs, spec.processes, blank=len(rows))
        super().__init__(
            model,
            settings(spec, self.at_once, accumulate),
            train_dataset=rows,
            processing_class=tokenizer,
            peft_config=lora_config(spec),
        )
        refuse_end(self.data_collator.pad_token_id, ends(tokenizer, model))

    def get_train_dataloader(self) -> Any:
        """Load the batches that were planned."""
        loader = DataLoader(
            concatenate_datasets([self.train_dataset, blank(self.train_dataset)]),
            batch_sampler=self.batches,
            collate_fn=self.data_collator,
            pin_memory=self.args.dataloader_pin_memory,
        )
        return self.accelerator.prepare(loader)

    def _run_epoch(self, *, epoch: int, **more: Any) -> Any:
        self.batches.begin(epoch)
        return super()._run_epoch(epoch=epoch, **more)

    def _get_num_items_in_batch(self, batch_samples: list[Any], device: Any) -> Any:
        """Sum the weights of all label tokens of a step, over its batches and all processes."""
        if not self.spec.length_alpha:
            return super()._get_num_items_in_batch(batch_samples, device)
        whole = sum(weights(batch, self.spec.length_alpha).sum() for batch in batch_samples)
        return self.accelerator.gather(torch.as_tensor(whole).to(device)).sum()

    def compute_loss(self, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        """Return TRL's loss, each token weighed by the length of its answer."""
        if self.spec.length_alpha and model.training:
            model = Tempered(model, weights(inputs, self.spec.length_alpha))
        return super().compute_loss(model, inputs, *more, **named)


def batch_size(spec: TrainSpec, model: Any) -> tuple[int, int]:
    """Return (rows in memory at once, batches of a step); their product is `spec`'s.

    Without flash attention, packed rows come one at a time: side by side they would be one row
    whose attention mask is square in all their tokens (8 rows of 1,024: 7 times as slow).
    """
    if spec.batching == "concat" and not _has_flash(model):
        return 1, spec.batch_rows * spec.accumulate
    return spec.batch_rows, spec.accumulate


def _has_flash(model: Any) -> bool:
    return "flash" in str(getattr(model.config, "_attn_implementation", ""))


def settings(spec: TrainSpec, at_once: int, accumulate: int) -> SFTConfig:
    """Say to TRL what a run is; see `TrainSpec`."""
    cuda = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(spec.checkpoints),
        max_length=None,  # over-long rows are gone already; cut ones would lose their end
        padding_free=spec.batching in {"concat", "padding_free"},
        num_train_epochs=spec.epochs,
        learning_rate=spec.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=spec.warmup,
        weight_decay=spec.weight_decay,
        per_device_train_batch_size=at_once,
        per_device_eval_batch_size=spec.batch_rows,
        gradient_accumulation_steps=accumulate,
        ddp_backend="gloo" if spec.processes > 1 and not cuda else None,
        ddp_find_unused_parameters=False,
        accelerator_config={"even_batches": False},  # evened out, the last rows would count twice
        bf16=cuda,
        use_cpu=not cuda,
        activation_checkpointing=cuda and spec.sharding != "fsdp",  # which has its own
        dataloader_pin_memory=cuda,
        save_strategy="steps",
        save_steps=spec.save_every,
        save_total_limit=KEPT_CHECKPOINTS,
        logging_steps=spec.log_every,
        report_to="none",
        disable_tqdm=True,
        seed=spec.seed,
        data_seed=spec.seed,
    )
