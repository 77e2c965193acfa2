"""Which answers of a chat carry loss besides the last one."""

from collections.abc import Mapping
from typing import Any

from schemas.conversation import Conversation, Message
from schemas.release_settings import Turns


def learned_turns(chat: Conversation, record: Mapping[str, Any], turns: Turns) -> list[int]:
    """Return the places, from 0, of the answers before the last message that are learned too.

    Of "all", an answer that its record marks with `"weight": 0`, as OpenAI's fine-tuning lines do,
    is not, nor one that says and calls nothing.
    """
    if turns == "last":
        return []
    skipped = _unweighted(record, chat.messages)
    answers = [place for place, said in enumerate(chat.messages[:-1]) if _is_answer(said)]
    return [place for place in answers if place not in skipped]


def _is_answer(message: Message) -> bool:
    is_said = bool(message["content"].strip() or message["tool_calls"])
    return message["role"] == "assistant" and is_said


def _unweighted(record: Mapping[str, Any], messages: list[Message]) -> set[int]:
    """Return the places with weight 0; all of them where marks and messages do not match."""
    said = record.get("messages")
    given = [one if isinstance(one, dict) else {} for one in said] if isinstance(said, list) else []
    marked = {place for place, one in enumerate(given) if one.get("weight") == 0}
    return marked if len(given) == len(messages) or not marked else set(range(len(messages)))
