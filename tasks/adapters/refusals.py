"""Whose fault a refusal is: one poisoned prompt's, or that of a setting, so of every call.

The first is a result like any other and is kept. The second must not be: a wrong model name would
fail every prompt for good. What the other calls meet tells one from the other, so a refusal waits
for them.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from tasks.adapters.endpoint import Refused

_OF_THE_ADDRESS = frozenset({403, 404, 405})  # may be of one prompt too: moderation says 403
_SUSPICIOUS = 16  # refusals before any answer, from which on nothing more is sent blindly
_A_FEW = 3  # so many refusals, and no answer, are no longer the fault of prompts
_RARE = 10  # answers for each refusal make it that prompt's own

J = TypeVar("J")


@dataclass(slots=True)
class Refusals(Generic[J]):
    """The refusals of one endpoint that are not judged yet."""

    answers: int = 0
    waiting: list[tuple[J, Refused]] = field(default_factory=list)

    @property
    def suspicious(self) -> bool:
        """Whether it refuses so much, and answers nothing, that the rest should wait."""
        return not self.answers and len(self.waiting) >= _SUSPICIOUS

    def refused(self, job: J, refusal: Refused) -> bool:
        """Take a refusal; True when it is the prompt's own beyond doubt."""
        if self.answers and refusal.status not in _OF_THE_ADDRESS:
            return True
        self.waiting.append((job, refusal))
        return False

    def answered(self, begun_at: float) -> Iterator[tuple[J, Refused]]:
        """Count an answer to a call begun then; yield the refusals that it shows to be own ones."""
        self.answers += 1
        judged = [
            (job, refusal)
            for job, refusal in self.waiting
            if refusal.status not in _OF_THE_ADDRESS or refusal.at < begun_at
        ]
        self.waiting = [each for each in self.waiting if each not in judged]
        yield from judged

    def last_word(self) -> tuple[list[tuple[J, Refused]], list[tuple[J, Refused]]]:
        """Judge what is left when no call is to come: own refusals, and ones still in doubt."""
        left, self.waiting = self.waiting, []
        rare = self.answers >= _RARE * len(left)
        few = len(left) < _A_FEW
        own = [(j, r) for j, r in left if rare or (few and r.status not in _OF_THE_ADDRESS)]
        return own, [each for each in left if each not in own]
