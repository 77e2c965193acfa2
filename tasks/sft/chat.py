"""Messages of the store as a chat template wants them."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

_KEYS = ("role", "content", "name", "tool_call_id", "tool_calls")


def for_template(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Leave out keys without a value, which some templates only look for, and read tool calls."""
    return [_message({key: one.get(key) for key in _KEYS}) for one in messages]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    given = {key: said for key, said in message.items() if said is not None}
    if isinstance(given.get("tool_calls"), str):
        given["tool_calls"] = json.loads(given["tool_calls"])
    return given
