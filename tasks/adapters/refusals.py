"""Whose fault a refusal is: one poisoned prompt's, or that of a setting, so of every call.

The first is a result like any other and is kept. The second must not be: a wrong model name would
fail every prompt for good. What the other calls meet tells one from the other, so a refusal waits
for them.
"""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tasks.adapters.endpoint import Refused

_OF_THE_ADDRESS = frozenset({403, 404, 405})  # may be of one prompt too: moderation says 403
_SUSPICIOUS = 16  # refusals in a row, from which on calls go one by one, as probes
_PROBES = 16  # of which none is answered: it refuses everything
_A_FEW = 3  # so many refusals at the very end are no longer the fault of prompts
_RARE = 10  # answers for each refusal make it that prompt's own

J = TypeVar("J")


@dataclass(slots=True)
class Refusals(Generic[J]):
    """The refusals of one endpoint that are not judged yet."""

    answers: int = 0
    waiting: list[tuple[J, Refused]] = field(default_factory=list)

    @property
    def suspicious(self) -> bool:
        """Whether it has refused so much in a row that the rest should wait for a probe."""
        return len(self.waiting) >= _SUSPICIOUS

    @property
    def hopeless(self) -> bool:
        """Whether the probes were refused too."""
        return len(self.waiting) >= _SUSPICIOUS + _PROBES

    def refused(self, job: J, refusal: Refused) -> None:
        """Take a refusal."""
        self.waiting.append((job, refusal))

    def answered(self, begun_at: float) -> list[tuple[J, Refused]]:
        """Count an answer to a call begun then; return the refusals that it shows to be own ones.

        Those before it: a server that answers afterwards did not refuse everybody.
        """
        self.answers += 1
        judged = [each for each in self.waiting if each[1].at < begun_at]
        self.waiting = [each for each in self.waiting if each[1].at >= begun_at]
        return judged

    def last_word(self, *, alone: bool) -> tuple[list[tuple[J, Refused]], list[tuple[J, Refused]]]:
        """Judge what is left when no call is to come: own refusals, and ones still in doubt.

        `alone`: no other address serves the model, so nobody else can be asked.
        """
        left, self.waiting = self.waiting, []
        few, rare = len(left) < _A_FEW, self.answers >= _RARE * len(left)
        is_own = rare or (few and bool(self.answers or alone))
        own = [
            (job, refusal)
            for job, refusal in left
            if is_own and (refusal.status not in _OF_THE_ADDRESS or (few and rare))
        ]
        return own, [each for each in left if each not in own]
