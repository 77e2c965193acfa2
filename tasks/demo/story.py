"""The story so far: who said what and when, and who may say something next."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import TypedDict, Unpack

from tasks.demo.chats import Chat, Form, Growth, Turn
from tasks.demo.languages import LANGUAGES, Language

DAYS = (date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4))

_LANGUAGE_WEIGHTS = (5, 3, 2)  # of LANGUAGES
_LAST_START_S = 84_600  # 23:30; no chat or vote reaches midnight by accident


class Details(TypedDict, total=False):
    """What a chat may have beyond its turns; see `Chat`."""

    form: Form
    grows: Growth
    system: str
    tool_email: str
    plant: str


@dataclass(slots=True)
class Story:
    """Everything said so far. All chance comes from `rng`."""

    rng: Random
    chats_per_day: int
    chats: list[Chat] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    said_by: set[tuple[str, str]] = field(default_factory=set)

    def share(self, share: float) -> range:
        """Count off a share of a day's chats, at least one."""
        return range(max(1, round(share * self.chats_per_day)))

    def chance_id(self, prefix: str) -> str:
        """Make an id that no other line has."""
        return f"{prefix}-{self.rng.getrandbits(64):016x}"

    def language(self) -> Language:
        """Pick a language: half English, three in ten Chinese, the rest Korean."""
        return self.rng.choices(LANGUAGES, _LANGUAGE_WEIGHTS)[0]

    def moment(self, day: date) -> datetime:
        """Pick a second of the day, between ten past midnight and half past eleven at night."""
        start = datetime.combine(day, time(), UTC)
        return start + timedelta(seconds=self.rng.randrange(600, _LAST_START_S))

    def user(self, language: Language, prompt: str) -> str:
        """Pick a user of that language who has not said `prompt` yet."""
        while True:
            number = self.rng.randrange(max(20, self.chats_per_day // 4))
            user = f"user-{number * 3 + LANGUAGES.index(language):05d}"
            if (user, prompt) not in self.said_by:
                return user

    def add(self, chat: Chat) -> None:
        """Let a chat have happened."""
        self.chats.append(chat)
        self.said_by.update((chat.user, turn.prompt) for turn in chat.turns)
        self.said.update(turn.prompt for turn in chat.turns)

    def tell(
        self, day: date, turns: Sequence[Turn], language: Language, **details: Unpack[Details]
    ) -> None:
        """Add a chat with these turns by a user and at a time of chance."""
        user = self.user(language, turns[0].prompt)
        chat_id, at = self.chance_id("conv"), self.moment(day)
        self.add(Chat(chat_id, user, at, tuple(turns), **details))
