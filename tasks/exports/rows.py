"""One row of a dataset as the shapes take it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tasks.exports.tools import Tool, offered_tools
from tasks.sft.chat import for_template

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Row:
    """What was asked, with its context, and what is learned from it."""

    id: str
    prompt: list[Message]  # keys without a value are left out; arguments of calls are objects
    answer: str
    tools: list[Tool]
    copies: int = 1
    learned_turns: frozenset[int] = frozenset()  # places in `prompt` of answers to learn too
    rejected: str | None = None  # dpo: the worse answer
    label: bool | None = None  # kto: whether the user liked the answer
    why: str | None = None  # dpo: what is wrong with the worse one

    @property
    def completion(self) -> list[Message]:
        """The answer as the message that carries the loss."""
        return [spoken(self.answer)]


def spoken(text: str) -> Message:
    """Return an answer as a message."""
    return {"role": "assistant", "content": text}


def read_row(raw: Mapping[str, Any]) -> Row:
    """Read a row as the queries of `schemas/queries/export_*.sql` select it."""
    return Row(
        id=raw["id"],
        prompt=for_template(raw["prompt"]),
        answer=raw["answer"],
        tools=offered_tools(raw["tools"]),
        copies=raw["copies"],
        learned_turns=frozenset(raw.get("learned_turns") or ()),
        rejected=raw["rejected"],
        label=raw["label"],
        why=raw["why"],
    )
