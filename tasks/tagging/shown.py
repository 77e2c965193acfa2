"""What of a prompt the strong model sees: its head and tail, and the tail of what went before."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import orjson

from schemas.conversation import Message

TEMPLATE = "tag.v2"


@dataclass(frozen=True, slots=True)
class Shown:
    """One prompt as the strong model sees it, not yet fenced.

    key    names it: the same texts shown to the same model under the same template have one tag
    alone  it must not share a call: it may try to speak for its neighbours
    """

    key: str
    prompt: str
    context: str
    alone: bool

    @property
    def chars(self) -> int:
        """How long it is."""
        return len(self.prompt) + len(self.context)


def show(row: dict[str, Any], max_chars: int, group: str) -> Shown:
    """Cut a row of `prompts` down to what is shown to the model called `group`.

    The taxonomy is not in the key: a renamed task type must not be bought again.
    """
    context, prompt = _texts(row["messages"], max_chars)
    identity = orjson.dumps([group, TEMPLATE, context, prompt])
    return Shown(sha256(identity).hexdigest()[:32], prompt, context, row["hostile"])


def _texts(messages: Sequence[Message], max_chars: int) -> tuple[str, str]:
    before = "\n".join(
        f"{m['role']}: {m['content']}" for m in messages[:-1] if m["role"] != "system"
    )
    return before[-max_chars:], _ends(messages[-1]["content"], max_chars)


def _ends(prompt: str, max_chars: int) -> str:
    """Leave out the middle of a long prompt: the request stands before its material or after."""
    if len(prompt) <= max_chars:
        return prompt
    tail = max_chars // 4
    return f"{prompt[: max_chars - tail]}\n[...]\n{prompt[-tail:]}"
