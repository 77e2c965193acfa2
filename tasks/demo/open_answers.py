"""Answers to open prompts: true sentences about a known topic, chosen and framed by a seed."""

from collections.abc import Callable, Sequence
from random import Random

from tasks.demo import open_prompts, phrases
from tasks.demo.languages import Language, language_of
from tasks.demo.skills.skill import plain
from tasks.demo.topics import Section, Topic, find


def answer(label: str | None, turns: Sequence[str], rng: Random) -> str:
    """Answer the last of the user turns (oldest first) in its language, a few sentences long.

    A topic may come from an earlier turn. Without a known topic the answer stays general.
    """
    language = language_of(turns[-1])
    say = _SPEAKERS.get(label or "", _general)
    return say(turns, language, rng)


def _topic(section: Section, turns: Sequence[str], language: Language) -> Topic | None:
    found = (find(section, language, plain(turn)) for turn in reversed(turns))
    return next((topic for topic in found if topic), None)


def _explain(
    turns: Sequence[str], language: Language, rng: Random, facts: Section, setting: Section
) -> str:
    topic = _topic(facts, turns, language)
    if topic is None:
        return _general(turns, language, rng)
    if open_prompts.asks_what_to_avoid(turns[-1]):
        return _join(language, [topic.say[-1], rng.choice(phrases.CLOSINGS[language])])
    chosen = sorted(rng.sample(range(len(topic.say)), 3))
    sentences = [rng.choice(phrases.OPENINGS[language]), *(topic.say[i] for i in chosen)]
    around = _topic(setting, turns[-1:], language)
    if around:
        sentences.insert(rng.choice((1, len(sentences))), around.say[0])
    if rng.random() < 0.5:
        sentences.append(rng.choice(phrases.CLOSINGS[language]))
    return _join(language, sentences)


def _how_to(turns: Sequence[str], language: Language, rng: Random) -> str:
    return _explain(turns, language, rng, "how_to", "circumstance")


def _open_qa(turns: Sequence[str], language: Language, rng: Random) -> str:
    return _explain(turns, language, rng, "open_qa", "audience")


def _email(turns: Sequence[str], language: Language, rng: Random) -> str:
    matter, recipient = (_topic(part, turns, language) for part in ("matter", "recipient"))
    if matter is None:
        return _general(turns, language, rng)
    body = [*matter.say]
    if open_prompts.asks_for_formality(turns[-1]):
        body.insert(0, phrases.COURTESY[language])
    elif rng.random() < 0.4:
        body.pop(rng.randrange(1, len(body)))
    greeting = recipient.say[0] if recipient else rng.choice(phrases.WELCOME[language])
    return f"{greeting}\n\n{_join(language, body)}\n\n{rng.choice(phrases.WISHES[language])}"


def _small_talk(turns: Sequence[str], language: Language, rng: Random) -> str:
    event = _topic("event", turns, language)
    comfort = [rng.choice(event.say)] if event else [rng.choice(phrases.WELCOME[language])]
    return _join(language, [*comfort, rng.choice(phrases.ASK_BACK[language])])


def _greeting(_turns: Sequence[str], language: Language, rng: Random) -> str:
    return rng.choice(phrases.WELCOME[language])


_QUOTES = dict.fromkeys(map(ord, '"“”«»'))  # it is quoted itself


def _general(turns: Sequence[str], language: Language, rng: Random) -> str:
    about = " ".join(turns[-1].translate(_QUOTES).split())[:40].strip(" ?.!。？！")
    chosen = [rng.randrange(2), *sorted(rng.sample(range(2, len(phrases.GENERAL[language])), 2))]
    return _join(language, [phrases.GENERAL[language][i].replace("{}", about) for i in chosen])


def _join(language: Language, sentences: Sequence[str]) -> str:
    return ("" if language == "zh" else " ").join(sentences)


_SPEAKERS: dict[str, Callable[[Sequence[str], Language, Random], str]] = {
    open_prompts.HOW_TO: _how_to,
    open_prompts.OPEN_QA: _open_qa,
    open_prompts.EMAIL: _email,
    open_prompts.SMALL_TALK: _small_talk,
    open_prompts.GREETING: _greeting,
}
