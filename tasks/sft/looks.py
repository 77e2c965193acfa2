"""What was seen of a model while it was trained: validation losses and stop rates, in a file.

Without gaps or repeats after a resume, as the training log.
"""

from collections.abc import Iterable
from pathlib import Path

from tasks.sft.spec import Look, StopRate, TypeLoss

_FALL = 5  # a fifth of the prompts, 20 points
_FEWEST = 4  # that is of 20 prompts; of fewer, one or two answers are chance
_STOPPED = 0.9  # share from which on a base model counts as one that stops


class Looks:
    """Appends to `path`, if this process `writes`."""

    def __init__(self, path: Path, *, writes: bool = True) -> None:
        self.path, self.writes = path, writes
        self.all: list[Look] = []

    def resume(self, step: int) -> None:
        """Take back what was seen after `step`, which will be trained again."""
        text = self.path.read_bytes() if self.path.is_file() else b""
        whole = text.rpartition(b"\n")[0]  # a torn last line is none
        said = [Look.model_validate_json(line) for line in whole.splitlines()]
        self.all = [look for look in said if look.step <= step]
        lines = "".join(f"{look.model_dump_json()}\n" for look in self.all)
        if self.writes:
            self.path.write_text(lines, encoding="utf-8")

    def add(self, look: Look) -> None:
        """Write what is seen."""
        self.all.append(look)
        if self.writes:
            with self.path.open("a", encoding="utf-8") as lines:
                lines.write(look.model_dump_json() + "\n")

    @property
    def stop_rates(self) -> tuple[StopRate, ...]:
        """Return how many answers ended by themselves, look by look."""
        return tuple(look.stops for look in self.all if look.stops)

    @property
    def losses(self) -> dict[int, float]:
        """Return the mean validation loss after each step that was looked at."""
        return {look.step: mean(look.validation) for look in self.all if look.validation}

    @property
    def best_step(self) -> int | None:
        """Return the first step with the lowest validation loss; None if none was measured."""
        losses = self.losses
        return min(losses, key=lambda step: losses[step]) if losses else None


def mean(parts: Iterable[TypeLoss]) -> float:
    """Return the mean loss over the label tokens of all task types."""
    given = list(parts)
    return sum(part.loss * part.label_tokens for part in given) / sum(
        part.label_tokens for part in given
    )


def has_fallen(rates: tuple[StopRate, ...]) -> StopRate | None:
    """Return the best rate before the last one if that is 20 points below it.

    The base model, step 0, counts only if it stopped: one of random weights ends answers by chance.
    """
    *before, last = rates
    known = [one for one in before if one.step or one.stopped >= _STOPPED * one.prompts]
    best = max(known, key=lambda one: one.stopped, default=last)
    fall = best.stopped - last.stopped
    return best if fall >= _FEWEST and fall * _FALL >= last.prompts else None
