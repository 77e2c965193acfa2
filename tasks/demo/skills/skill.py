"""What a skill is, and how solvers read a prompt."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from tasks.demo.languages import Language

PLACEHOLDER = r"<[A-Z][A-Z_]*\d*>"  # what redaction leaves behind, such as <EMAIL_1>


@dataclass(frozen=True, slots=True)
class Example:
    """A prompt with its answer, which the generator knows because it chose the parts."""

    prompt: str
    answer: str


@dataclass(frozen=True, slots=True)
class Skill:
    """One checkable task type.

    `example` makes a prompt and knows the answer by construction; `solve` sees only the text of a
    prompt, and returns None for a prompt of another type. Neither uses the other.
    """

    label: str  # "area/kind"
    example: Callable[[Random, Language], Example]
    solve: Callable[[str], str | None]

    def generate(self, rng: Random, language: Language) -> str:
        """Make a prompt."""
        return self.example(rng, language).prompt


def plain(text: str) -> str:
    """Undo what does not change the meaning: width of characters (NFKC) and runs of white space."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


def number(value: Fraction) -> str:
    """Write a number the short way: 12, 0.5, and at most six decimals (1/3 is 0.333333)."""
    if value.denominator == 1:
        return str(value.numerator)
    return f"{float(value):.6f}".rstrip("0").rstrip(".")


def one_of(words: dict[str, str]) -> str:
    """Build a regex that matches any key, longest first; Latin keys only as whole words."""
    longest_first = sorted(words, key=len, reverse=True)
    return "|".join(_whole(word) if word.isascii() else re.escape(word) for word in longest_first)


def _whole(word: str) -> str:
    return rf"(?<![A-Za-z]){re.escape(word)}(?![A-Za-z])"
