"""What a tagger says of one prompt."""

from dataclasses import dataclass
from typing import Literal

from schemas.task_types import UNKNOWN

Tagger = Literal["keywords", "classifier", "model", "none"]


@dataclass(frozen=True, slots=True)
class Tag:
    """A label and who gave it."""

    label: str
    tagger: Tagger
    confidence: float
    reason: str | None = None  # what the strong model said before it chose, or why it could not
    tag_key: str | None = None  # what the strong model was shown
    call_key: str | None = None


def nobody(reason: str | None = None) -> Tag:
    """Return the tag of a prompt that no tagger could name."""
    return Tag(UNKNOWN, "none", 0.0, reason)
