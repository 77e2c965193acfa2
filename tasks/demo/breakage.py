"""Log lines that no chat can be made of, and lines that were written twice."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tasks.demo.records import Record, line, record
from tasks.demo.story import DAYS, Story


@dataclass(frozen=True, slots=True, order=True)
class Line:
    """A line and when it was written; `plant` names what is wrong with it, if anything."""

    at: datetime
    text: str
    plant: str = ""


def broken_lines(story: Story, whole: Sequence[Line]) -> list[Line]:
    """Break and repeat a few lines on every day; `whole` are the good lines of all days."""
    broken = []
    for day in DAYS:
        of_day = sorted(good for good in whole if good.at.date() == day)
        for _ in story.share(0.005):
            for name, text in _breaks(story, day).items():
                broken.append(Line(story.moment(day), text, f"broken_{name}"))
            twice = story.rng.choice(of_day)
            broken.append(replace(twice, plant="repeated_lines"))
    return broken


def _breaks(story: Story, day: date) -> dict[str, str]:
    lost = replace(story.rng.choice(story.chats), form="openai", chat_id=story.chance_id("lost"))
    return {
        "cut_off": line(record(lost))[: story.rng.randint(60, 160)],
        "bare_string": line("log writer restarted"),
        "empty_object": line({}),
        "no_user_turn": line(_retold(story, day, "system")),
        "unknown_role": line(_retold(story, day, "narrator", "user")),
    }


def _retold(story: Story, day: date, *roles: str) -> Record:
    """Write a record whose messages before the answer have the given roles."""
    at = story.moment(day).isoformat()
    call = record(replace(story.chats[0], chat_id=story.chance_id("lost")))
    messages = [{"role": role, "content": "Say hello."} for role in roles]
    request = {**call["request"], "messages": messages}
    return call | {"timestamp": at, "conversation_started_at": at, "request": request}
