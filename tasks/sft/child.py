"""The training run itself: `python -m tasks.sft.child SPEC.json`, in a process of its own."""

import importlib.metadata
import os
import shutil
import time
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, disable_progress_bars
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer

from schemas.errors import StopTokenUnclear, TrainingError
from tasks.adapters.locks import locked
from tasks.sft import process, tokens
from tasks.sft.checkpoints import resume_point
from tasks.sft.head import score_labels_only
from tasks.sft.load import tokenizer_of, weights_of
from tasks.sft.metrics import Metrics
from tasks.sft.order import EpochOrder
from tasks.sft.process import Say
from tasks.sft.rows import Measured, Row, keep, read_rows
from tasks.sft.spec import DroppedRow, TrainResult, TrainSpec
from tasks.sft.train import RESULT

_PACKAGES = ("torch", "transformers", "trl", "datasets", "accelerate")
_KEPT_CHECKPOINTS = 2

Kept = list[tuple[Row, Measured]]


def train(spec: TrainSpec, say: Say) -> TrainResult:
    """Train, save model and tokenizer, and return what was done.

    Raises:
        PadEqualsEos, StopTokenUnclear: the base model cannot learn to stop.
        TrainingError: there is no such model, no row is left, or training diverged.
    """
    begun = time.monotonic()
    disable_progress_bars()
    score_labels_only()
    if spec.threads:
        torch.set_num_threads(spec.threads)
    tokenizer = tokenizer_of(spec.base_model)
    model = weights_of(spec.base_model, torch.float32)
    stop = tokens.agree(tokenizer, model, spec.pad_token)
    kept, dropped = keep(tokenizer, read_rows(spec.rows), spec.max_tokens)
    if not kept:
        raise TrainingError(_nothing_left(spec, dropped))
    metrics = Metrics(spec.out / "metrics.jsonl", say)
    validation = _validation(spec, tokenizer)
    trainer = Trainer(model, spec, (kept, validation), tokenizer, metrics)
    check_ends(trainer.train_dataset, tokenizer.eos_token_id)
    resumed_from = _fit(trainer, spec, metrics)
    _save(trainer, tokenizer, _model(spec))
    return TrainResult(
        fingerprint=spec.fingerprint(),
        model=_model(spec),
        dropped=dropped,
        steps=trainer.state.global_step,
        resumed_from=resumed_from,
        seconds=round(time.monotonic() - begun, 2),
        loss=metrics.last_loss,
        validation_loss=trainer.evaluate()["eval_loss"] if validation else None,
        pad_token=tokenizer.pad_token,
        stop_token=stop,
        versions={name: importlib.metadata.version(name) for name in _PACKAGES},
        **_counts(kept),
    )


def _validation(spec: TrainSpec, tokenizer: Any) -> Kept:
    """Read the rows that are only measured; those that could not be trained on are left out."""
    if spec.validation is None:
        return []
    return keep(tokenizer, read_rows(spec.validation), spec.max_tokens)[0]


def _said(kept: Kept) -> Any:
    rows = [row for row, _ in kept for _ in range(row.copies)]
    return Dataset.from_list([{"prompt": r.prompt, "completion": r.completion} for r in rows])


def _counts(kept: Kept) -> dict[str, int]:
    return {
        "rows": len(kept),
        "rows_with_copies": sum(row.copies for row, _ in kept),
        "label_tokens": sum(measured.label_tokens * row.copies for row, measured in kept),
        "tokens": sum(measured.tokens * row.copies for row, measured in kept),
    }


class Trainer(SFTTrainer):
    """TRL's trainer over whole prompt/completion rows, in an order that survives a resume."""

    def __init__(
        self,
        model: Any,
        spec: TrainSpec,
        splits: tuple[Kept, Kept],
        tokenizer: Any,
        metrics: Metrics,
    ) -> None:
        train, validation = splits
        super().__init__(
            model,
            _config(spec),
            train_dataset=_said(train),
            eval_dataset=_said(validation) if validation else None,
            processing_class=tokenizer,
            callbacks=[Report(metrics)],
        )
        self.spec = spec

    def _get_train_sampler(self, train_dataset: Any = None) -> EpochOrder:
        rows = self.train_dataset if train_dataset is None else train_dataset
        lengths = [len(ids) for ids in rows["input_ids"]]
        return EpochOrder(lengths, self.spec.batch_rows, self.spec.seed)


class Report(TrainerCallback):
    """Turns the trainer's log into `metrics.jsonl`, with a line for every checkpoint."""

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Log where a checkpoint is taken, so that a resumed run knows the tokens seen."""
        control.should_log = control.should_log or control.should_save
        return control

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Write a line; the summary at the end of a run is none."""
        if "loss" in (logs or {}):
            if not isfinite(logs["loss"]) or not isfinite(logs["grad_norm"]):
                raise TrainingError(_diverged(state.global_step, logs))
            self.metrics.add(state.global_step, state.max_steps, logs)


def _diverged(step: int, logs: Mapping[str, float]) -> str:
    return (
        f"training diverged: at step {step} the loss is {logs['loss']} and the gradient's norm "
        f"{logs['grad_norm']}. Lower `learning_rate` or raise `warmup`, and train again."
    )


def _config(spec: TrainSpec) -> SFTConfig:
    cuda = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(_checkpoints(spec)),
        max_length=None,  # over-long rows are gone already; cut ones would lose their end
        completion_only_loss=True,
        num_train_epochs=spec.epochs,
        learning_rate=spec.learning_rate,
        lr_scheduler_type="cosine",
        warmup_steps=spec.warmup,
        weight_decay=spec.weight_decay,
        per_device_train_batch_size=spec.batch_rows,
        per_device_eval_batch_size=spec.batch_rows,
        gradient_accumulation_steps=spec.accumulate,
        bf16=cuda,
        use_cpu=not cuda,
        activation_checkpointing=cuda,
        dataloader_pin_memory=cuda,
        save_strategy="steps",
        save_steps=spec.save_every,
        save_total_limit=_KEPT_CHECKPOINTS,
        logging_steps=spec.log_every,
        report_to="none",
        disable_tqdm=True,
        seed=spec.seed,
        data_seed=spec.seed,
    )


def check_ends(rows: Any, stop: int) -> None:
    """Look at the labels the trainer really made: each row must be trained on its stop token.

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


def _fit(trainer: Trainer, spec: TrainSpec, metrics: Metrics) -> int:
    """Train to the end; return the step it went on from."""
    step, folder = resume_point(_checkpoints(spec), spec.fingerprint())
    metrics.resume(step)
    trainer.train(resume_from_checkpoint=str(folder) if folder else None)
    return step


def _save(trainer: Trainer, tokenizer: Any, folder: Path) -> None:
    """Save model and tokenizer under another name first: a folder `model` is always whole."""
    unready = folder.with_name("model.tmp")
    shutil.rmtree(unready, ignore_errors=True)
    trainer.save_model(str(unready))
    tokenizer.save_pretrained(unready)
    shutil.rmtree(folder, ignore_errors=True)
    unready.rename(folder)


def _model(spec: TrainSpec) -> Path:
    return spec.out / "model"


def _checkpoints(spec: TrainSpec) -> Path:
    return spec.out / "checkpoints"


def _nothing_left(spec: TrainSpec, dropped: tuple[DroppedRow, ...]) -> str:
    reasons = sorted({row.reason for row in dropped})
    return (
        f"no row of {spec.rows} is left to train on: {len(dropped)} dropped "
        f"({', '.join(reasons) or 'the file is empty'}). Raise `max_tokens` "
        f"({spec.max_tokens}), or choose more days."
    )


def _work(path: str, say: Say) -> None:
    spec = TrainSpec.model_validate_json(Path(path).read_text(encoding="utf-8"))
    with locked(spec.out / "lock"):
        result = train(spec, say)
        unready = spec.out / f"{RESULT}.tmp"
        unready.write_text(result.model_dump_json(indent=2), encoding="utf-8")
        os.replace(unready, spec.out / RESULT)
        shutil.rmtree(_checkpoints(spec))


if __name__ == "__main__":
    process.child(_work)
