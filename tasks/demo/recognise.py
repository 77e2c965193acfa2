"""Name the task type of a prompt, by the skills and by what open prompts look like."""

import re
from collections.abc import Sequence

from tasks.demo import follow_ups
from tasks.demo.languages import language_of
from tasks.demo.open_prompts import (
    EMAIL,
    GREETING,
    HOW_TO,
    OPEN_QA,
    SMALL_TALK,
    asks_for_formality,
    asks_what_to_avoid,
    is_greeting,
)
from tasks.demo.skills.skill import plain
from tasks.demo.topics import Section, find

UNKNOWN = "unknown/unknown"
_TOPICS: tuple[tuple[Section, str], ...] = (
    ("matter", EMAIL),
    ("event", SMALL_TALK),
    ("open_qa", OPEN_QA),
    ("how_to", HOW_TO),
)
_FORMS = (
    (EMAIL, r"(?:write|draft|compose).*e-?mail|写.{0,8}邮件|메일.{0,8}(?:써|작성)"),
    (HOW_TO, r"how (?:do|can|should) (?:i|we|you)|how to|best way|怎么|如何|方法|방법"),
    (SMALL_TALK, r"how are you|how was your|聊聊|心情|기분|심심"),
    (OPEN_QA, r"^(?:what|why|who|when|where|which|how|explain)(?![a-z])|什么|[?]"),
)
_WORD = re.compile(r"[a-z]{4,}")
_EVERYDAY = {  # words of labels that say nothing about the task
    *("about", "chat", "closed", "false", "from", "general", "long", "open", "other", "question"),
    *("short", "step", "talk", "text", "tool", "true", "with", "word", "write"),
}


def recognise(prompt: str) -> str | None:
    """Return "area/kind", or None when the prompt looks like nothing this demo knows."""
    text = plain(prompt)
    forms = (label for label, form in _FORMS if re.search(form, text, re.IGNORECASE))
    return _known(prompt) or next(forms, None)


def _known(prompt: str) -> str | None:
    """Recognise what the demo's own users say; None for a stranger's prompt."""
    solved = follow_ups.solve([prompt])
    if solved:
        return solved[0]
    if is_greeting(prompt):
        return GREETING
    if asks_what_to_avoid(prompt):
        return HOW_TO
    if asks_for_formality(prompt):
        return EMAIL
    text, language = plain(prompt), language_of(prompt)
    topical = (label for section, label in _TOPICS if find(section, language, text))
    return next(topical, None) or follow_ups.looks_like_one(prompt)


def choose(prompt: str, labels: Sequence[str]) -> tuple[str, str]:
    """Choose one of `labels` for a prompt: (label, reason).

    A label this demo does not know is chosen when the prompt says its name ("translate ..." for
    translation/text). Otherwise unknown/unknown if that is allowed, else the first label.
    """
    label = recognise(prompt) or UNKNOWN
    is_vague = label == OPEN_QA and _known(prompt) is None  # any question looks like one
    named = _named(prompt, labels) if is_vague or label not in labels else None
    if named:
        return named, "The prompt names this task."
    if label in labels and label != UNKNOWN:
        return label, f"The prompt has the form of {label}."
    return (UNKNOWN if UNKNOWN in labels else labels[0]), "The prompt fits none of the task types."


def _named(prompt: str, labels: Sequence[str]) -> str | None:
    """Find the first label whose kind, else whose area, begins like a word of the prompt."""
    said = _stems(prompt.lower())
    by_kind = (label for label in labels if _stems(label.partition("/")[2]) & said)
    by_area = (label for label in labels if _stems(label.partition("/")[0]) & said)
    return next(by_kind, None) or next(by_area, None)


def _stems(text: str) -> set[str]:
    return {word[:5] for word in _WORD.findall(text) if word not in _EVERYDAY}
