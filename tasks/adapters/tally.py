"""How far a run of calls has come, and what it costs."""

import time
from dataclasses import dataclass, field

from tasks.adapters.request import Reply


@dataclass(frozen=True, slots=True)
class Progress:
    """A look at calls under way."""

    done: int  # requests that have their reply, whatever it is
    cached: int  # of them: found in the store, or bought by another process
    failed: int  # of them: errors that another try would not mend
    pending: int  # of them: not bought, to be asked again by the next run
    in_flight: int
    tokens: int  # of what this run bought: prompts and answers
    usd: float  # of what this run bought
    seconds: float

    @property
    def bought(self) -> int:
        """Requests that were sent and answered, or refused for good."""
        return self.done - self.cached - self.pending

    @property
    def per_s(self) -> float:
        """Calls bought per second."""
        return self.bought / self.seconds if self.seconds else 0.0

    def projected_usd(self, total: int) -> float:
        """Return what `total` requests will have cost, if the rest are like those so far."""
        return self.usd * total / self.done if self.done else 0.0


@dataclass(slots=True)
class Tally:
    """Counts replies as they come."""

    done: int = 0
    cached: int = 0
    failed: int = 0
    pending: int = 0
    tokens: int = 0
    usd: float = 0.0
    _begun_at: float = field(default_factory=time.monotonic)

    def count(self, reply: Reply, uses: int, *, cached: bool) -> None:
        """Count a reply to `uses` equal requests, of which one was bought unless `cached`."""
        self.done += uses
        if reply.pending:
            self.pending += uses
            return
        self.failed += uses * bool(reply.error)
        self.cached += uses - (not cached)
        if not cached:
            self.tokens += (reply.prompt_tokens or 0) + (reply.answer_tokens or 0)
            self.usd += reply.cost_usd or 0.0

    def progress(self, in_flight: int) -> Progress:
        """Return a look at the counts as they are."""
        return Progress(
            self.done,
            self.cached,
            self.failed,
            self.pending,
            in_flight,
            self.tokens,
            self.usd,
            time.monotonic() - self._begun_at,
        )
