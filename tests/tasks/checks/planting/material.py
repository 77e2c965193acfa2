"""What all planters share: the words of a language, and plain answers made of them."""

import random
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("en", "zh", "ko")


@dataclass(frozen=True)
class Planted:
    """One prompt with an answer that has the defect and one that has none."""

    prompt: str
    bad: str
    good: str
    kind: str = "qa/how_to"
    system: str | None = None
    tools: str | None = None
    before: tuple[str, ...] = ()  # earlier turns, the user's first
    stopped: str = "stop"  # why the bad answer ended


@dataclass(frozen=True)
class Words:
    """A language's material with the dice that choose from it."""

    language: str
    rng: random.Random
    all: dict[str, Any]

    def pick(self, name: str) -> Any:
        return self.rng.choice(self.all[name])

    def topic(self) -> dict[str, Any]:
        return self.pick("topics")

    def ask(self, topic: dict[str, Any]) -> str:
        """Return one of the open questions about a topic."""
        general = [text.format(name=topic["name"]) for text in self.all["open_asks"]]
        return self.rng.choice(general + topic["asks"] * 3)

    def sentences(self, topic: dict[str, Any], least: int = 2, most: int = 6) -> list[str]:
        said = topic["said"]
        chosen = sorted(self.rng.sample(range(len(said)), self.rng.randint(least, most)))
        return [said[n] for n in chosen]

    def join(self, sentences: list[str]) -> str:
        return self.all["joint"].join(sentences)

    def answer(self, topic: dict[str, Any]) -> str:
        """Return a plain answer: prose, paragraphs, or a list under a line of its own."""
        said = self.sentences(topic)
        tips = self.rng.sample(topic["tips"], self.rng.randint(3, 6))
        return self.rng.choice(
            [
                self.join(said),
                "\n\n".join(said),
                f"{said[0]}\n\n" + "\n".join(f"- {tip}" for tip in tips),
                "\n".join(f"{n}. {text}" for n, text in enumerate(said, 1)),
                f"{self.join(said[:-1])}\n\n{said[-1]}",
                f"**{topic['name']}**\n\n{self.join(said)}",
            ]
        )

    def question(self) -> tuple[str, str, dict[str, Any]]:
        """Return (prompt, answer, topic) of an open question."""
        topic = self.topic()
        return self.ask(topic), self.answer(topic), topic

    def insert(self, answer: str, addition: str) -> str:
        """Put a sentence at the start, at the end or between two paragraphs."""
        parts = answer.split("\n\n")
        at = self.rng.choice([0, len(parts), self.rng.randint(0, len(parts))])
        if at == 0 and self.rng.random() < 0.5:
            return self.join([addition, answer])
        return "\n\n".join([*parts[:at], addition, *parts[at:]])


Planter = Callable[[Words], Planted]


def words(language: str, seed: str) -> Words:
    """Return the material of a language; the same seed makes the same choices."""
    return Words(language, random.Random(f"{language} {seed}"), _material(language))


@cache
def _material(language: str) -> dict[str, Any]:
    text = (Path(__file__).parent / f"{language}.toml").read_text()
    return tomllib.loads(text)
