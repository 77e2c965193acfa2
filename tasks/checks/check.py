"""What a check is: a cheap look at every answer, and a close one at those that it points out."""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from schemas.settings import CheckSettings


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer, as a check reads it, and what it answers.

    system  the logged system messages
    before  what else was said before the prompt
    tools   JSON text of the tools that the logged model was offered
    """

    prompt: str
    answer: str
    system: str = ""
    before: str = ""
    tools: str | None = None
    language: str = "und"
    area: str = "unknown"

    @property
    def instructions(self) -> str:
        """Where a request stands: the beginning and the end, not what is pasted between."""
        if len(self.prompt) <= 2 * END_CHARS:
            return self.prompt
        return f"{self.prompt[:END_CHARS]}\n{self.prompt[-END_CHARS:]}"


END_CHARS = 400

Gate = Callable[[CheckSettings], pl.Expr]
Reader = Callable[[Answered, CheckSettings], str | None]


@dataclass(frozen=True, slots=True)
class Check:
    """One way in which an answer can be bad.

    name     the defect, as analysts read it
    gate     which answers may have it
    defect   what is wrong, where nothing more has to be read
    read     reads an answer that the gate lets through and says what is wrong; None: nothing
    special  it is made for some task types and asked for by name
    """

    name: str
    gate: Gate
    defect: str = ""
    read: Reader | None = None
    special: bool = False


def gated(gate: Gate, *, special: bool = False) -> Callable[[Reader], Check]:
    """Make a check of a function that reads the answers `gate` lets through; its name is theirs."""

    def decorate(read: Reader) -> Check:
        return Check(read.__name__, gate, read=read, special=special)

    return decorate


def says(defect: str) -> Callable[[Gate], Check]:
    """Make a check of an expression that needs no second look."""

    def decorate(gate: Gate) -> Check:
        return Check(gate.__name__, gate, defect)

    return decorate
