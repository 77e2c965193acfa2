"""OpenAI's supervised fine-tuning lines, by the rules that its API checks uploads by.

The rules are from the API's published schema of a chat fine-tuning line and from its function
calling guide: `weight` 0 or 1 on assistant messages only, arguments of calls as JSON text, every
call followed by its result, names of functions of 1 to 64 letters, digits, _ and -, at most 128
tools. A message without words is only a call.
"""

import re
from collections.abc import Sequence
from typing import Any

from tasks.exports.refusals import CannotSay
from tasks.exports.rows import Message, Row
from tasks.exports.shapes import Shaped, dump
from tasks.exports.tools import Tool, is_function

MAX_TOOLS = 128
_FUNCTION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PARTICIPANT = re.compile(r"[^\s<|\\/>]{1,64}")


def openai(row: Row) -> Shaped:
    """One line: history at weight 0, what is learned at 1. There is no place for an id.

    Raises:
        CannotSay: empty_message, no_function, call_without_result, too_many_tools.
    """
    if len(row.tools) > MAX_TOOLS:
        raise CannotSay("too_many_tools")
    _hold_results(row.prompt)
    history = [_message(one, int(at in row.learned_turns)) for at, one in enumerate(row.prompt)]
    said = [*history, _message(row.completion[0], weight=1)]
    tools = [_tool(tool) for tool in row.tools]
    return {"messages": said, **({"tools": tools} if tools else {})}


def _message(message: Message, weight: int) -> Message:
    calls = [_call(call) for call in message.get("tool_calls", ())]
    said = bool(message["content"].strip())
    if not said and not calls:
        raise CannotSay("empty_message")
    shaped: Message = {"role": message["role"]}
    if said:
        shaped["content"] = message["content"]
    if calls:
        shaped["tool_calls"] = calls
    if message["role"] == "tool":
        return shaped | {"tool_call_id": message["tool_call_id"]}
    if _PARTICIPANT.fullmatch(message.get("name", "")):
        shaped["name"] = message["name"]
    return shaped | {"weight": weight} if message["role"] == "assistant" else shaped


def _call(call: Any) -> dict[str, Any]:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or not _named(function):
        raise CannotSay("no_function")
    given = function.get("arguments", {})
    arguments = given if isinstance(given, str) else dump(given)
    said = {"name": function["name"], "arguments": arguments}
    return {"id": call["id"], "type": "function", "function": said}


def _tool(tool: Tool) -> Tool:
    if not is_function(tool) or not _named(tool["function"]):
        raise CannotSay("no_function")
    return tool


def _named(function: dict[str, Any]) -> bool:
    name = function.get("name")
    return isinstance(name, str) and _FUNCTION.fullmatch(name) is not None


def _hold_results(said: Sequence[Message]) -> None:
    """Refuse calls whose results do not follow at once, and results of no call."""
    waiting: set[Any] = set()
    for message in said:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                raise CannotSay("call_without_result")
            waiting.remove(message["tool_call_id"])
        else:
            if waiting:
                raise CannotSay("call_without_result")
            waiting = _ids(message)
    if waiting:
        raise CannotSay("call_without_result")


def _ids(message: Message) -> set[Any]:
    calls = message.get("tool_calls", ())
    ids = {call.get("id") for call in calls if isinstance(call, dict)} - {None, ""}
    if len(ids) < len(calls):
        raise CannotSay("call_without_result")
    return ids
