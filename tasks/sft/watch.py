"""Looks at a model while it is trained: does it still stop, and does it get better?"""

from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from schemas.errors import StopRateFell
from tasks.sft import best, validate
from tasks.sft.assemble import Assembled
from tasks.sft.looks import Looks, has_fallen, mean
from tasks.sft.metrics import Metrics
from tasks.sft.notes import notes
from tasks.sft.ranks import is_main, wait
from tasks.sft.rows import Kept
from tasks.sft.spec import Look, StopRate, TypeLoss
from tasks.sft.stopping import asked, sample, stop_rate

_EARLY = 50  # steps; a trap that hides the end has by then made 0 % of 100 %
_ENOUGH = 20  # rows; fewer do not tell which step is best
_VALIDATED = 200  # rows at most at each checkpoint, a tenth of the time of 100 steps


class Watch(TrainerCallback):
    """Writes what it sees to `looks`, and keeps the best weights."""

    def __init__(self, run: Assembled, looks: Looks) -> None:
        self.run, self.looks = run, looks
        is_enough = len(run.validation) >= _ENOUGH
        self.validation = sample(run.validation, _VALIDATED) if is_enough else []
        self.prompts = asked(run.validation, run.kept)

    def resume(self, step: int, checkpoint: Path | None) -> None:
        """Forget what was seen after `step`; a checkpoint may be the best and not kept as that."""
        self.looks.resume(step)
        if checkpoint:
            self._keep_if_best(step, checkpoint)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask the base model."""
        if state.global_step == 0:
            self.looks.add(Look(step=0, stops=self.ask(0)))

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Ask early; measure before a checkpoint is written, so a resumed run knows its loss."""
        if state.global_step == _EARLY:
            self.looks.add(Look(step=_EARLY, stops=self.ask(_EARLY)))
        if self._is_due(state) and self.validation:
            self.looks.add(Look(step=state.global_step, validation=self._losses(self.validation)))

    def _is_due(self, state: Any) -> bool:
        """Pass over a checkpoint that a signal asked for: a run that was ended sees the same."""
        step = state.global_step
        return bool(step % self.run.spec.save_every == 0 or step == state.max_steps)

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the weights that were just saved if they are the best."""
        step = state.global_step
        self._keep_if_best(step, self.run.spec.checkpoints / f"checkpoint-{step}")

    def _keep_if_best(self, step: int, checkpoint: Path) -> None:
        """Pass over weights that are split: no file of a checkpoint has them."""
        if self.looks.best_step == step and is_main() and not self.run.spec.sharding:
            best.keep(checkpoint)

    def ask(self, step: int) -> StopRate:
        """Measure how many answers end by themselves.

        Raises:
            StopRateFell: 20 points fewer than before.
        """
        rate = stop_rate(self.run.trainer.model, self.run.tokenizer, self.prompts, step)
        if before := has_fallen((*self.looks.stop_rates, rate)):
            raise StopRateFell(
                f"after {step} steps {rate.stopped} of {rate.prompts} answers end by themselves, "
                f"{before.stopped} of {before.prompts} after {before.step}: the model unlearns to "
                "stop. Look at `flywheel train --preflight` and at rows whose answers break off; "
                "lower `learning_rate`."
            )
        return rate

    def _load_best(self) -> int | None:
        """Give the trainer the best weights; return their step, None if they are the last ones."""
        wait()
        found = best.kept(self.run.spec.checkpoints)
        if found is None or found[0] != self.looks.best_step:
            return None
        trainer = self.run.trainer
        if found[0] != trainer.state.global_step:
            trainer.state.best_model_checkpoint = str(found[1])
            trainer._load_best_model()
        return found[0]

    def seen(self, metrics: Metrics) -> dict[str, Any]:
        """Look at the weights that are kept; return what `TrainResult` says of all looks.

        Raises:
            StopRateFell: 20 points fewer of its answers end by themselves than before.
        """
        best_step = self._load_best()
        step = best_step or self.run.trainer.state.global_step
        rates = (*self.looks.stop_rates, self.ask(step))
        final = Look(step=step, validation=self._losses(self.run.validation))
        return {
            "best_step": best_step,
            "stop_rates": rates,
            "validated": (*(look for look in self.looks.all if look.validation), final),
            "validation_loss": mean(final.validation) if final.validation else None,
            "notes": notes(self.run.spec, metrics.lines(), self.looks.losses, rates),
        }

    def _losses(self, rows: Kept) -> tuple[TypeLoss, ...]:
        pad, at_once = self.run.tokenizer.pad_token_id, self.run.spec.batch_rows
        return validate.losses(self.run.trainer.model, rows, pad, at_once)
