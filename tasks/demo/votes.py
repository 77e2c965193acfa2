"""What users thought: thumbs inside the log records, and votes in files of their own."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tasks.demo import private
from tasks.demo.chats import Chat
from tasks.demo.languages import Language, language_of
from tasks.demo.records import Record, feedback, vote
from tasks.demo.story import DAYS, Story

_COMMENTS: dict[Language, tuple[tuple[str, ...], tuple[str, ...]]] = {  # down, up
    "en": (
        ("wrong number", "too long", "this does not answer my question"),
        ("thanks, that helped", "short and right"),
    ),
    "zh": (("不对", "太啰嗦", "没有回答我的问题"), ("谢谢，有用", "简短又准确")),
    "ko": (("틀렸어요", "너무 길어요", "질문에 답이 아니에요"), ("고마워요", "짧고 정확해요")),
}
_CALL_ME = "please contact me at {} about this"


@dataclass(slots=True)
class Votes:
    """All votes of the story: inside records by chat id, and as (time, line) for the files."""

    inline: dict[str, Record] = field(default_factory=dict)
    filed: list[tuple[datetime, Record]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)


def cast_votes(story: Story) -> Votes:
    """Let about a fifth of the users vote, mostly as the answer deserves."""
    votes = Votes()
    for chat in story.chats:
        chance = story.rng.random()
        if chance < 0.11 and chat.form == "openai":
            votes.inline[chat.chat_id] = feedback(_up(story, chat), _comment(story, chat))
        elif chance < 0.2:
            _file(votes, story, chat, _comment(story, chat))
    for day in DAYS:
        _plant(votes, story, day)
    votes.counts["votes_inline"] = len(votes.inline)
    votes.counts["votes_filed"] = len(votes.filed)
    return votes


def _up(story: Story, chat: Chat) -> bool:
    return chat.turns[-1].content == (story.rng.random() < 0.85)


def _comment(story: Story, chat: Chat) -> str | None:
    if story.rng.random() > 0.3:
        return None
    return story.rng.choice(_COMMENTS[language_of(chat.prompt)][chat.turns[-1].content])


def _file(
    votes: Votes, story: Story, chat: Chat, comment: str | None = None, days_late: int = 0
) -> None:
    at = chat.ended_at + timedelta(days=days_late, seconds=story.rng.randint(60, 900))
    line = vote(chat.chat_id, _up(story, chat), at.isoformat(), comment)
    votes.filed.append((at, line))


def _plant(votes: Votes, story: Story, day: date) -> None:
    """Add votes that come a day late, name no chat, contradict, or hold private data."""
    heard = {*votes.inline, *(line["target_id"] for _, line in votes.filed)}
    silent = [chat for chat in story.chats if chat.started_at.date() == day]
    silent = [chat for chat in silent if chat.chat_id not in heard]
    silent = [chat for chat in silent if chat.form == "openai" and chat.grows == "none"]
    for _ in story.share(0.005):
        late, torn, telling = (silent.pop(story.rng.randrange(len(silent))) for _ in range(3))
        if day != DAYS[-1]:
            _file(votes, story, late, days_late=1)
            votes.counts["late_votes"] += 1
        _contradict(votes, torn)
        _file(votes, story, telling, _CALL_ME.format(private.email(story.rng)))
        at = story.moment(day)
        votes.filed.append((at, vote(story.chance_id("conv"), True, at.isoformat())))
        planted = ("conflicting_votes", "private_vote_comments", "dangling_votes")
        votes.counts.update(planted)


def _contradict(votes: Votes, chat: Chat) -> None:
    at = chat.ended_at + timedelta(seconds=30)
    votes.inline[chat.chat_id] = feedback(up=True)
    votes.filed.append((at, vote(chat.chat_id, False, at.isoformat())))
