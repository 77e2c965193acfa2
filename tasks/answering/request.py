"""The request for one answer: template, examples, and the conversation as it was logged."""

from collections.abc import Sequence
from typing import Any

from schemas.conversation import Message
from tasks.adapters.calls import Request
from tasks.answering.few_shot import Example
from tasks.answering.style import Style
from tasks.checks.reasoning import split_reasoning


def request(
    messages: list[Message], style: Style, sample: int, examples: Sequence[Example] = ()
) -> Request:
    """Ask for an answer to the last of `messages`, in a style.

    A logged system prompt follows the template's text, in one system message; examples are turns
    before the conversation.
    """
    logged = [m["content"] for m in messages if m["role"] == "system"]
    system = "\n\n".join([style.system, *logged])
    shown = [turn for example in examples for turn in _turns(example, style)]
    said = [_sent(m) for m in messages if m["role"] != "system"]
    return Request(
        purpose="answer",
        messages=[{"role": "system", "content": system}, *shown, *said],
        params=style.params,
        sample=sample,
    )


def _turns(example: Example, style: Style) -> list[dict[str, Any]]:
    """Return an example as two turns; it thinks before its answer where the model is to."""
    answer = example.answer if style.thinks else split_reasoning(example.answer)[0]
    return [
        {"role": "user", "content": example.prompt},
        {"role": "assistant", "content": answer},
    ]


def _sent(message: Message) -> dict[str, Any]:
    """Return a logged message as the chat completions API takes it: text only.

    The tools of the logged request are not offered again, so a call made then is shown as text.
    """
    role = "user" if message["role"] == "tool" else message["role"]
    said = [message["content"], message["tool_calls"] or ""]
    return {"role": role, "content": "\n".join(part for part in said if part)}
