"""How far calls have come and what they cost: on a terminal, in a log, in Prefect's UI."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tasks.adapters.calls import Progress
from tasks.announce import ProgressArtifact
from tasks.progress import progress

log = logging.getLogger("flywheel.calls")

_LOG_EVERY_S = 30.0


@contextmanager
def progress_of_calls(label: str, total: int) -> Iterator[Callable[[Progress], None]]:
    """Show how far `total` calls have come; call it with each look at them."""
    shown, logged_at = 0, time.monotonic()
    artifact = ProgressArtifact(f"calls-{label}")
    with progress(label, total) as advance:

        def watch(seen: Progress) -> None:
            nonlocal shown, logged_at
            said = told(seen, total)
            advance(seen.done - shown, said)
            shown = seen.done
            artifact.show(100 * seen.done / max(1, total), said, last=seen.done == total)
            if time.monotonic() - logged_at >= _LOG_EVERY_S:
                log.info("%s: %s", label, said)
                logged_at = time.monotonic()

        yield watch


def told(seen: Progress, total: int) -> str:
    """Say in one line what is done and how, how fast, and at what cost."""
    return (
        f"{seen.done:,} of {total:,} done ({seen.cached:,} cached, {seen.failed:,} failed, "
        f"{seen.pending:,} pending), {seen.per_s:,.1f}/s, {seen.in_flight:,} in flight, "
        f"{seen.tokens:,} tokens, {seen.usd:.4f} USD, {seen.projected_usd(total):.4f} in all"
    )
