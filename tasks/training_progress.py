"""How far a training run has come: on a terminal, in a log, in Prefect's UI."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from tasks.announce import ProgressArtifact
from tasks.progress import progress
from tasks.sft.spec import Progress

log = logging.getLogger("flywheel.stage")

_LOG_EVERY_S = 10.0


@contextmanager
def progress_of_training(model_id: str) -> Iterator[Callable[[Progress], None]]:
    """Show the steps of a run; call it with each logged one. The first says how many there are."""
    shown, logged_at = 0, time.monotonic()
    artifact = ProgressArtifact(f"train-{model_id}-steps")
    with ExitStack() as bars:
        advance: Callable[[int, str], None] | None = None

        def hear(line: Progress) -> None:
            nonlocal shown, logged_at, advance
            advance = advance or bars.enter_context(progress(f"train {model_id}", line.steps))
            said = f"step {line.step:,} of {line.steps:,}, loss {line.loss:.3f}"
            advance(line.step - shown, said)
            shown = line.step
            artifact.show(100 * line.step / line.steps, said, last=line.step == line.steps)
            if time.monotonic() - logged_at >= _LOG_EVERY_S:
                log.info("train %s: %s", model_id, said)
                logged_at = time.monotonic()

        yield hear
