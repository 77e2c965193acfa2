"""Loads topics.toml: what open prompts ask about and what answers say about it."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from tasks.demo.languages import Language

Section = Literal["how_to", "circumstance", "open_qa", "audience", "matter", "recipient", "event"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing users ask about: the words inside a prompt, and sentences for an answer."""

    ask: str
    say: tuple[str, ...]


@cache
def topics(section: Section, language: Language) -> tuple[Topic, ...]:
    """Return the topics of one section in one language, in the order of the file."""
    spoken = (entry[language] for entry in _read()[section])
    return tuple(Topic(words["ask"], tuple(words["say"])) for words in spoken)


def find(section: Section, language: Language, text: str) -> Topic | None:
    """Return the first topic whose words are in `text`, whatever their case; None without one."""
    lowered = text.lower()
    return next((t for t in topics(section, language) if t.ask.lower() in lowered), None)


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("topics.toml").read_text(encoding="utf-8"))
