"""Writes the demo's logs: three days of chats and votes of a small, mediocre assistant."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from tasks.demo.breakage import Line, broken_lines
from tasks.demo.chats import Chat
from tasks.demo.everyday import ordinary_day
from tasks.demo.plants import plant
from tasks.demo.private import private_values
from tasks.demo.records import line, record
from tasks.demo.story import DAYS, Story
from tasks.demo.votes import Votes, cast_votes

__all__ = ["DAYS", "Summary", "write_logs"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What was written, so that tests and the demo can compare.

    `counts` has one number per planted thing over all days (near_duplicates_same_day,
    broken_cut_off, late_votes ...) and the totals `records` = `chats` + `grown_same_day` +
    `grown_next_day` + `repeated_lines` + all `broken_*`. `kinds` counts user turns per UTC day of
    the chat's start and task type; noise has none. `private_values` are all e-mail addresses,
    phone numbers and keys anywhere in the files: none of them may be stored.
    """

    files: tuple[Path, ...]
    counts: Mapping[str, int]
    kinds: Mapping[date, Mapping[str, int]]
    private_values: frozenset[str]


def write_logs(folder: Path, *, chats_per_day: int = 400, seed: int = 7) -> Summary:
    """Write the logs of DAYS into `folder`; the same arguments write the same bytes.

    Per day: DATE.jsonl (logged OpenAI calls), messages-DATE.jsonl and votes-DATE.jsonl. Lines are
    in order of time. `chats_per_day` counts ordinary chats (at least 30); repeats, noise and other
    surprises come on top, a quarter more, each of them at least once a day where it fits.

    Raises:
        ValueError: `chats_per_day` is under 30, too few to hold every surprise.
    """
    if chats_per_day < 30:
        raise ValueError(f"chats_per_day is {chats_per_day}; every surprise needs at least 30")
    story = Story(Random(seed), chats_per_day)
    for day in DAYS:
        ordinary_day(story, day)
        plant(story, day)
    votes = cast_votes(story)
    files = _files(story, votes)
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in files.items():
        text = "".join(f"{line.text}\n" for line in lines)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return _summary(folder, story.chats, votes, files)


def _files(story: Story, votes: Votes) -> dict[str, list[Line]]:
    """Sort all lines into files by the day they were written on."""
    calls = list(_lines(story.chats, votes, "openai"))
    logs = {
        "": calls + broken_lines(story, calls),
        "messages-": list(_lines(story.chats, votes, "messages")),
        "votes-": [Line(at, line(vote)) for at, vote in votes.filed],
    }
    return {
        f"{prefix}{day}.jsonl": [written for written in sorted(lines) if written.at.date() == day]
        for prefix, lines in logs.items()
        for day in DAYS
    }


def _lines(chats: Iterable[Chat], votes: Votes, form: str) -> Iterable[Line]:
    for chat in chats:
        if chat.form == form:
            *before, last = chat.versions()
            yield from (Line(version.ended_at, line(record(version))) for version in before)
            yield Line(last.ended_at, line(record(last, votes.inline.get(chat.chat_id))))


def _summary(
    folder: Path, chats: list[Chat], votes: Votes, files: Mapping[str, list[Line]]
) -> Summary:
    lines = [written for written_lines in files.values() for written in written_lines]
    logged = sum(len(lines) for name, lines in files.items() if not name.startswith("votes-"))
    prompts = ([turn.prompt for turn in chat.turns] for chat in chats)
    kinds: dict[date, Counter[str]] = {day: Counter() for day in DAYS}
    for chat in chats:
        kinds[chat.started_at.date()].update(turn.label for turn in chat.turns if turn.label)
    counts = {
        **Counter(chat.plant for chat in chats if chat.plant),
        **Counter(written.plant for written in lines if written.plant),
        **votes.counts,
        "records": logged,
        "chats": len(chats),
        "multi_turn_chats": sum(len(chat.turns) > 1 for chat in chats),
        "greetings": sum(kind["chat/greeting"] for kind in kinds.values()),
        "private_prompts": sum(any(map(private_values, said)) for said in prompts),
    }
    private = frozenset(value for written in lines for value in private_values(written.text))
    return Summary(tuple(folder / name for name in files), counts, kinds, private)
