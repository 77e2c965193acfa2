"""What is odd about a run, in words, with what to look at."""

from collections.abc import Callable, Mapping, Sequence
from statistics import mean

from tasks.sft.spec import Progress, StopRate, TrainSpec

_FEW_STEPS = 20
_STAIR = 0.75  # of the loss before, after an epoch's end
_ROSE = 1.5  # times the lowest loss
_OVERFITTED = 1.05  # times the lowest validation loss
_WINDOW = 5  # lines of the log that are averaged


def notes(
    spec: TrainSpec,
    lines: Sequence[Progress],
    losses: Mapping[int, float],
    rates: Sequence[StopRate],
) -> tuple[str, ...]:
    """Say what is odd.

    Args:
        spec: what was trained.
        lines: the training log.
        losses: validation losses by step.
        rates: how many answers ended by themselves; the last one is of the model that is kept.
    """
    asked: tuple[Callable[[], str | None], ...] = (
        lambda: _few(lines),
        lambda: _diverged(lines),
        lambda: _staircase(lines),
        lambda: _overfitted(losses),
        lambda: _talks_on(rates),
        lambda: _cut(spec),
    )
    return tuple(said for said in (ask() for ask in asked) if said)


def _few(lines: Sequence[Progress]) -> str | None:
    steps = lines[-1].steps if lines else 0
    if steps >= _FEW_STEPS:
        return None
    return (
        f"only {steps} steps: the model has hardly learned. Take more rows or epochs, or fewer "
        "rows a step (`batch_rows`, `accumulate`)."
    )


def _diverged(lines: Sequence[Progress]) -> str | None:
    if len(lines) < 2 * _WINDOW:
        return None
    means = [
        mean(line.loss for line in lines[n : n + _WINDOW]) for n in range(len(lines) - _WINDOW + 1)
    ]
    lowest = min(range(len(means)), key=means.__getitem__)
    if means[-1] < _ROSE * means[lowest]:
        return None
    return (
        f"the loss rose from {means[lowest]:.3f} near step {lines[lowest].step} to "
        f"{means[-1]:.3f} at the end: it diverged. Lower `learning_rate` or raise `warmup`."
    )


def _staircase(lines: Sequence[Progress]) -> str | None:
    """Compare the losses around the end of each epoch: a fall there is rows known by heart."""
    for epoch in range(1, int(lines[-1].epoch) + 1 if lines else 0):
        before = [line.loss for line in lines if epoch - 0.5 < line.epoch <= epoch][-_WINDOW:]
        after = [line.loss for line in lines if epoch < line.epoch <= epoch + 0.5][:_WINDOW]
        slope = [line.loss for line in lines if epoch - 1 < line.epoch <= epoch][:_WINDOW]
        if len(before) < 2 or len(after) < 2:
            continue
        fell, falling = mean(after) / mean(before), mean(before) / mean(slope)
        if fell < _STAIR and falling > fell:
            return (
                f"the loss fell from {mean(before):.3f} to {mean(after):.3f} where epoch "
                f"{epoch + 1} began, more than in all of epoch {epoch}: rows are learned by heart. "
                "Look at the validation loss; take fewer `epochs` or `max_copies`."
            )
    return None


def _overfitted(losses: Mapping[int, float]) -> str | None:
    if not losses:
        return None
    best, last = min(losses, key=losses.__getitem__), max(losses)
    if losses[last] < _OVERFITTED * losses[best]:
        return None
    return (
        f"the validation loss was lowest after step {best} ({losses[best]:.3f}) and rose to "
        f"{losses[last]:.3f}: it overfitted. The weights of step {best} are kept; take fewer "
        "`epochs`, or more rows."
    )


def _talks_on(rates: Sequence[StopRate]) -> str | None:
    if not rates or rates[-1].stopped == rates[-1].prompts:
        return None
    return (
        f"{rates[-1].stopped} of {rates[-1].prompts} answers end by themselves. Look at the "
        "others: `flywheel evaluate`."
    )


def _cut(spec: TrainSpec) -> str | None:
    if spec.batching != "packed":
        return None
    return 'rows were cut and saw one another (`batching = "packed"`): only to compare with.'
