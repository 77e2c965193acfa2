"""Ordinary chats of a day, each with prompts that nobody used before."""

from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import Unpack

from tasks.demo import assistant, follow_ups, open_prompts
from tasks.demo.chats import Form, Turn
from tasks.demo.languages import Language
from tasks.demo.skills import SKILLS, skill
from tasks.demo.story import DAYS, Details, Story

_EARLY = {  # task type -> weight, on the first two days
    **{"maths/arithmetic": 15, "maths/unit_conversion": 14},
    **{"extraction/fields_to_json": 14, "classification/sentiment": 16},
    **{open_prompts.HOW_TO: 11, open_prompts.OPEN_QA: 10, open_prompts.EMAIL: 8},
    **{open_prompts.SMALL_TALK: 7, open_prompts.GREETING: 5},
}
_NEW = {"maths/date_calculation": 160, "reasoning/sorting": 160, "classification/intent": 80}
WEIGHTS = {DAYS[0]: _EARLY, DAYS[1]: _EARLY, DAYS[2]: _EARLY | _NEW}
_CHECKABLE = frozenset(skill.label for skill in SKILLS)
_TRIES = 30  # open prompts run out in worlds of thousands of chats


def turn(story: Story, label: str, prompt: str, earlier: Sequence[Turn] = ()) -> Turn:
    """Let the logged assistant answer a prompt."""
    asked = [*(before.prompt for before in earlier), prompt]
    solved = follow_ups.solve(asked) if label in _CHECKABLE else None
    said, content = assistant.reply(story.rng, prompt, solved[1] if solved else None)
    return Turn(prompt, said, content, label)


def new_turn(story: Story, day: date, language: Language, label: str | None = None) -> Turn:
    """Ask something nobody asked before: of the given task type if there is anything left.

    Otherwise of the day's mix. Greetings may repeat.
    """
    wished = [label] * _TRIES if label else []
    while True:
        drawn = wished.pop() if wished else _drawn(story.rng, WEIGHTS[day])
        prompt = prompt_of(story.rng, drawn, language)
        if prompt not in story.said or drawn == open_prompts.GREETING:
            story.said.add(prompt)
            return turn(story, drawn, prompt)


def _drawn(rng: Random, weights: Mapping[str, int]) -> str:
    return rng.choices(list(weights), list(weights.values()))[0]


def prompt_of(rng: Random, label: str, language: Language) -> str:
    """Write a prompt of any of the demo's task types."""
    if label in _CHECKABLE:
        return skill(label).generate(rng, language)
    return open_prompts.generate(label, rng, language)


def next_turn(story: Story, day: date, language: Language, earlier: Sequence[Turn]) -> Turn:
    """Go on with a chat: lean on what was just asked where that is possible, else ask anew."""
    last = earlier[-1]
    leaning = follow_ups.follow_up(story.rng, language, last.prompt)
    more = open_prompts.follow_up(last.label or "", language)
    if leaning:
        return turn(story, leaning[1], leaning[0], earlier)
    if more and len(earlier) == 1 and last.label:
        return turn(story, last.label, more, earlier)
    fresh = new_turn(story, day, language)
    while fresh.label == open_prompts.GREETING:
        fresh = new_turn(story, day, language)
    if last.label == open_prompts.GREETING:
        return fresh
    return turn(story, fresh.label or "", follow_ups.thanks(fresh.prompt, language), earlier)


def long_chat(story: Story, day: date, **details: Unpack[Details]) -> None:
    """Add a chat of two or three turns."""
    language = story.language()
    turns = [new_turn(story, day, language)]
    for _ in range(story.rng.choice((1, 1, 2))):
        turns.append(next_turn(story, day, language, turns))
    story.tell(day, turns, language, **details)


def ordinary_day(story: Story, day: date) -> None:
    """Add `chats_per_day` chats: one in eight has several turns, one in six is in messages form."""
    for label in WEIGHTS[day]:  # none is left to chance, however small the day
        language = story.language()
        story.tell(day, [new_turn(story, day, language, label)], language)
    for number in range(story.chats_per_day - len(WEIGHTS[day])):
        if number % 8 == 3:
            long_chat(story, day)
            continue
        language = story.language()
        form: Form = "messages" if number % 6 == 5 else "openai"
        story.tell(day, [new_turn(story, day, language)], language, form=form)
