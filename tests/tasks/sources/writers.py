"""Write a conversation as each format logs it: what test_round_trip reads back.

`trace_writers.py` holds the same for the formats of tracing tools.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from schemas.conversation import Conversation

JsonObject = dict[str, Any]
ALL = frozenset({"messages", "source_id", "started_at", "model", "user", "votes"})


class Writer(NamedTuple):
    """How a format is written."""

    can_hold: Callable[[Conversation], bool]  # nothing of its messages would be lost
    write: Callable[[Conversation], JsonObject]  # the record; a container of one is fine too
    keeps: frozenset[str] = ALL  # fields of Conversation that come back as they were


def logged(message: dict[str, Any]) -> JsonObject:
    """Return a message of the store as OpenAI's API would have it."""
    found: JsonObject = {"role": message["role"], "content": message["content"]}
    if message["parts"]:
        found["content"] = json.loads(message["parts"])
    if message["tool_calls"]:
        found["tool_calls"] = json.loads(message["tool_calls"])
        found["content"] = found["content"] or None
    return found | {key: message[key] for key in ("name", "tool_call_id") if message[key]}


def around(chat: Conversation) -> JsonObject:
    """Return the id, time, model, user and thumb of a conversation, as a top level has them."""
    given = {
        "conversation_id": chat.source_id,
        "timestamp": chat.started_at and chat.started_at.isoformat(),
        "model": chat.model,
        "user": chat.user,
        "feedback": next(("up" if vote.value else "down" for vote in chat.votes), None),
    }
    return {key: value for key, value in given.items() if value is not None}


def always(_chat: Conversation) -> bool:
    """Hold any conversation."""
    return True


def write_messages(chat: Conversation) -> JsonObject:
    """Write {"messages": [...]}."""
    return {"messages": [logged(message) for message in chat.messages], **around(chat)}


WRITERS: dict[str, Writer] = {"messages": Writer(always, write_messages)}
