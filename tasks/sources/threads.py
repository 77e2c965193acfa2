"""Tell apart the conversations that one id covers: a session, or a trace with several agents."""

from collections.abc import Sequence
from hashlib import sha256

from schemas.conversation import Message


def first_words(messages: Sequence[Message]) -> str | None:
    """Hash the first user turn: calls that do not repeat a history begin a conversation anew.

    Without it the latest call would take the place of the others, and their prompts were lost.
    """
    first = next((message for message in messages if message["role"] == "user"), None)
    if first is None:
        return None
    said = first["content"] or first["parts"] or ""
    return sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:16]
