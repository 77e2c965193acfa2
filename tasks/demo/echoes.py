"""Prompts that are asked again: almost the same, or exactly."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from tasks.demo import open_prompts
from tasks.demo.chats import Chat
from tasks.demo.everyday import prompt_of, turn
from tasks.demo.languages import Language, language_of
from tasks.demo.story import Story

# A twin must be long: under 32 characters dedupe asks for equality, and a polite word more
# weighs less than a fifth of the shingles only from about twice that on (half in Han and Hangul).
_LONG: dict[Language, int] = {"en": 70, "zh": 40, "ko": 40}
_THANKS: dict[Language, str] = {"en": " Thanks!", "zh": "谢谢！", "ko": " 감사합니다!"}


def twins(story: Story, day: date) -> None:
    """Let other users ask almost the same thing, later on the day or on a later day."""
    _long_original(story, day)
    fit = [chat for chat in story.chats if _may_have_twin(chat)]
    today = [chat for chat in fit if chat.started_at.date() == day]
    before = [chat for chat in fit if chat.started_at.date() < day]
    _add_twins(story, day, today, "near_duplicates_same_day")
    _add_twins(story, day, before, "near_duplicates_other_day")


def _add_twins(story: Story, day: date, fit: list[Chat], name: str) -> None:
    for original in story.rng.sample(fit, min(len(fit), len(story.share(0.04)))):
        language = language_of(original.prompt)
        variants = [vary(original.prompt, language) for vary in _VARIANTS]
        prompt = story.rng.choice([v for v in variants if v not in story.said] or variants)
        said = replace(original.turns[0], prompt=prompt)
        at = original.started_at + timedelta(days=(day - original.started_at.date()).days)
        at += timedelta(seconds=story.rng.randint(60, 1_200))
        user = story.user(language, prompt)
        story.add(Chat(story.chance_id("conv"), user, at, (said,), plant=name))


def _long_original(story: Story, day: date) -> None:
    """Make sure that a small day too has a chat that can have a twin."""
    label = "extraction/fields_to_json"
    language = story.language()
    prompt = ""
    while len(prompt) < _LONG[language] or prompt in story.said:
        prompt = prompt_of(story.rng, label, language)
    story.tell(day, [turn(story, label, prompt)], language)


def _may_have_twin(chat: Chat) -> bool:
    return _may_have_echo(chat) and len(chat.prompt) >= _LONG[language_of(chat.prompt)]


def _may_have_echo(chat: Chat) -> bool:
    is_single = len(chat.turns) == 1 and chat.form == "openai" and chat.plant is None
    return is_single and chat.turns[0].label != open_prompts.GREETING


def _spaced(prompt: str, _language: Language) -> str:
    return f" {prompt}\n" if " " not in prompt else prompt.replace(" ", "  ", 1) + " "


def _punctuated(prompt: str, _language: Language) -> str:
    return prompt.rstrip(".?!。？！") + ("！" if prompt[-1] in "。？！" else "!")


def _polite(prompt: str, language: Language) -> str:
    return prompt + _THANKS[language]


_VARIANTS: tuple[Callable[[str, Language], str], ...] = (_spaced, _punctuated, _polite)


def repeats(story: Story, day: date) -> None:
    """Let the same user ask again within minutes, and another user ask exactly the same."""
    fit = [chat for chat in story.chats if _may_have_echo(chat)]
    fit = [chat for chat in fit if chat.started_at.date() == day]
    chosen = iter(story.rng.sample(fit, 2 * len(story.share(0.03))))
    for mine, theirs in zip(chosen, chosen, strict=True):
        _ask_again(story, mine, mine.user, "repeats_same_user")
        other = story.user(language_of(theirs.prompt), theirs.prompt)
        _ask_again(story, theirs, other, "repeats_other_user")


def _ask_again(story: Story, chat: Chat, user: str, name: str) -> None:
    at = chat.started_at + timedelta(seconds=story.rng.randint(20, 900))
    story.add(Chat(story.chance_id("conv"), user, at, chat.turns, plant=name))
