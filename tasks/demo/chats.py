"""Chats before they are written down: what was said, by whom, when and in which log."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

Form = Literal["openai", "messages"]
Growth = Literal["none", "same_day", "next_day"]

_PACE = timedelta(seconds=75)  # from one turn of a chat to the next


@dataclass(frozen=True, slots=True)
class Turn:
    """One question with the logged answer; `label` is "area/kind", or None for plain noise."""

    prompt: str
    reply: str
    content: bool  # whether the user has reason to be content
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Chat:
    """One conversation."""

    chat_id: str
    user: str
    started_at: datetime  # UTC
    turns: tuple[Turn, ...]
    form: Form = "openai"
    system: str | None = None
    tool_email: str | None = None  # the last answer called send_email with this address
    grows: Growth = "none"  # whether its second record came later, with more turns
    plant: str | None = None  # name of the surprise that this chat is; None for an ordinary one

    @property
    def prompt(self) -> str:
        """What the user said first."""
        return self.turns[0].prompt

    def turn_time(self, turn: int) -> datetime:
        """When a turn was answered; the last turn of a chat that grows overnight is a day later."""
        overnight = self.grows == "next_day" and turn == len(self.turns) - 1
        return self.started_at + turn * _PACE + (timedelta(days=1) if overnight else timedelta())

    @property
    def ended_at(self) -> datetime:
        """When the last turn was answered."""
        return self.turn_time(len(self.turns) - 1)

    def versions(self) -> tuple["Chat", ...]:
        """Show the chat at each time it was logged: at its end, and before it grew if it did."""
        if self.grows == "none":
            return (self,)
        return replace(self, turns=self.turns[:-1], grows="none"), self
