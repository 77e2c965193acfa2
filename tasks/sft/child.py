"""The training run itself: `python -m tasks.sft.child SPEC.json`, in a process of its own."""

import importlib.metadata
import os
import shutil
import time
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from schemas.errors import TrainingError
from tasks.adapters.locks import locked
from tasks.sft import process
from tasks.sft.assemble import assemble
from tasks.sft.checkpoints import resume_point
from tasks.sft.ending import EndOnSignal, in_words
from tasks.sft.looks import Looks
from tasks.sft.lora import save_adapter
from tasks.sft.metrics import Metrics
from tasks.sft.preflight import looked_at
from tasks.sft.process import Say
from tasks.sft.ranks import is_main, main_first, wait
from tasks.sft.spec import TrainResult, TrainSpec
from tasks.sft.train import RESULT
from tasks.sft.trainer import Trainer
from tasks.sft.watch import Watch

_PACKAGES = ("torch", "transformers", "trl", "datasets", "accelerate", "peft")


@in_words()
def train(spec: TrainSpec, say: Say) -> TrainResult:
    """Train, save model and tokenizer, and return what was done.

    Raises:
        PadEqualsEos, StopTokenUnclear: the base model cannot learn to stop.
        PreflightFailed, StopRateFell: the model would be, or was, trained in vain.
        TrainingError: there is no such model, no row is left, or training diverged.
        TrainingFailed: SIGTERM, a full disk or too little memory ended it; it can be resumed.
    """
    begun = time.monotonic()
    run = assemble(spec)
    checks = looked_at(run)
    metrics = Metrics(spec.out / "metrics.jsonl", say, writes=is_main())
    watch = Watch(run, Looks(spec.out / "looks.jsonl", writes=is_main()))
    with EndOnSignal() as ending:
        for callback in (ending, Report(metrics), watch):  # each sees what those before it decided
            run.trainer.add_callback(callback)
        resumed_from = _fit(run.trainer, spec, metrics, watch)
    ending.refuse_unfinished(run.trainer.state.global_step, run.trainer.state.max_steps)
    seen = watch.seen(metrics)
    _save(run.trainer, run.tokenizer, _model(spec))
    return TrainResult(
        fingerprint=spec.fingerprint(),
        model=_model(spec),
        dropped=run.dropped,
        steps=run.trainer.state.global_step,
        resumed_from=resumed_from,
        seconds=round(time.monotonic() - begun, 2),
        loss=metrics.last_loss,
        pad_token=run.agreed.padding.token,
        pad_reason=run.agreed.padding.reason,
        stop_token=run.agreed.stop,
        checks=checks,
        versions={name: importlib.metadata.version(name) for name in _PACKAGES},
        **run.counts,
        **seen,
    )


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


def _fit(trainer: Trainer, spec: TrainSpec, metrics: Metrics, watch: Watch) -> int:
    """Train to the end; return the step it went on from."""
    with main_first():
        step, folder = _resume_point(spec)
        metrics.resume(step)
        watch.resume(step, folder)
    if spec.tensorboard and is_main():
        trainer.add_callback(_board(spec, step, watch))
    trainer.train(resume_from_checkpoint=str(folder) if folder else None)
    return step


def _resume_point(spec: TrainSpec) -> tuple[int, Path | None]:
    split = bool(spec.sharding)
    return resume_point(spec.checkpoints, spec.fingerprint(), spec.processes, is_split=split)


def _board(spec: TrainSpec, step: int, watch: Watch) -> TrainerCallback:
    from tasks.sft.board import Board  # noqa: PLC0415 - an extra

    return Board(spec.out / "tensorboard", step, watch.looks)


def _save(trainer: Trainer, tokenizer: Any, folder: Path) -> None:
    """Save model and tokenizer under another name first: a folder `model` is always whole."""
    unready = folder.with_name("model.tmp")
    if is_main():
        shutil.rmtree(unready, ignore_errors=True)
    wait()
    _save_weights(trainer, unready)
    if is_main():
        tokenizer.save_pretrained(unready)
        shutil.rmtree(folder, ignore_errors=True)
        unready.rename(folder)
    wait()


def _save_weights(trainer: Trainer, folder: Path) -> None:
    lora = trainer.spec.lora
    if not lora.rank:
        trainer.save_model(str(folder))
    elif is_main() and lora.merge:
        trainer.model.merge_and_unload(safe_merge=True).save_pretrained(folder)
    elif is_main():
        save_adapter(trainer.model, folder)


def _model(spec: TrainSpec) -> Path:
    return spec.out / "model"


@in_words()
def _work(path: str, say: Say) -> None:
    spec = TrainSpec.model_validate_json(Path(path).read_text(encoding="utf-8"))
    if not is_main():
        train(spec, say)
        return
    with locked(spec.out / "lock"):
        result = train(spec, say)
        unready = spec.out / f"{RESULT}.tmp"
        unready.write_text(result.model_dump_json(indent=2), encoding="utf-8")
        os.replace(unready, spec.out / RESULT)
        shutil.rmtree(spec.checkpoints)


if __name__ == "__main__":
    process.child(_work)
