"""Messages of the store as a chat template wants them."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError

REFUSALS = (TemplateError, TypeError)  # of a template; TypeError: it adds to text what is none

Message = dict[str, Any]

_KEYS = ("role", "content", "name", "tool_call_id", "tool_calls")
_CALL = {"type": "function", "id": "abcdefghi", "function": {"name": "f", "arguments": {"k": "v"}}}
_CALLED: tuple[Message, ...] = (
    {"role": "user", "content": "a"},
    {"role": "assistant", "content": "", "tool_calls": [_CALL]},
)


def for_template(messages: Sequence[Mapping[str, Any]]) -> list[Message]:
    """Leave out keys without a value, which some templates only look for, and read tool calls.

    Arguments of calls become objects: of TRL's 37 chat templates 30 render objects, 12 JSON text.
    """
    return [_message({key: one.get(key) for key in _KEYS}) for one in messages]


def called_functions(messages: Sequence[Message]) -> set[str]:
    """Name the functions that are called; a call without a name counts as none."""
    calls = [call for message in messages for call in message.get("tool_calls") or []]
    functions = [call.get("function") for call in calls if isinstance(call, dict)]
    return {one["name"] for one in functions if isinstance(one, dict) and one.get("name")}


def as_rendered(tokenizer: Any, messages: list[Message]) -> list[Message]:
    """Give a chat the form that the chat template takes, where that is not the one of the store.

    Arguments of tool calls become JSON text for one that takes no objects; an answer that has
    only calls gets a content, empty, for one that raises without.
    """
    if any(message.get("tool_calls") for message in messages):
        messages = _as_called(tokenizer, messages)
    if any("content" not in message for message in messages):
        messages = _with_contents(tokenizer, messages)
    return messages


def _as_called(tokenizer: Any, messages: list[Message]) -> list[Message]:
    if _takes_objects(tokenizer, str(tokenizer.chat_template)):
        return messages
    return [_with_calls(message, _written) for message in messages]


def _with_contents(tokenizer: Any, messages: list[Message]) -> list[Message]:
    if not _needs_content(tokenizer, str(tokenizer.chat_template)):
        return messages
    return [_with_content(message) for message in messages]


@lru_cache(maxsize=8)
def _takes_objects(tokenizer: Any, _template: str) -> bool:
    """Render a call: a template for JSON text raises, or shows the object as Python would."""
    try:
        return "{'k'" not in tokenizer.apply_chat_template(list(_CALLED), tokenize=False)
    except Exception:  # whatever a template raises
        return False


@lru_cache(maxsize=8)
def _needs_content(tokenizer: Any, _template: str) -> bool:
    """Render a call without content: a template that adds the content to text raises."""
    called = _as_called(tokenizer, list(_CALLED))
    bare = [*called[:-1], {key: said for key, said in called[-1].items() if key != "content"}]
    return _renders(tokenizer, called) and not _renders(tokenizer, bare)


def _renders(tokenizer: Any, messages: list[Message]) -> bool:
    try:
        tokenizer.apply_chat_template(messages, tokenize=False)
    except Exception:  # whatever a template raises
        return False
    return True


def _with_content(message: Message) -> Message:
    return {"content": "", **message} if message.get("role") == "assistant" else message


def _message(message: Message) -> Message:
    given = {key: said for key, said in message.items() if said is not None}
    if isinstance(given.get("tool_calls"), str):
        given["tool_calls"] = json.loads(given["tool_calls"])
    return _with_calls(given, _read)


def _with_calls(message: Message, change: Any) -> Message:
    calls = message.get("tool_calls")
    return message | {"tool_calls": [_call(call, change) for call in calls]} if calls else message


def _call(call: Any, change: Any) -> Any:
    function = call.get("function") if isinstance(call, dict) else None
    if not isinstance(function, dict) or "arguments" not in function:
        return call
    return {**call, "function": {**function, "arguments": change(function["arguments"])}}


def _read(arguments: Any) -> Any:
    """Read JSON text that holds an object; what holds none stays as it is."""
    try:
        read = json.loads(arguments or "{}") if isinstance(arguments, str) else arguments
    except ValueError:
        return arguments
    return read if isinstance(read, dict) else arguments


def _written(arguments: Any) -> Any:
    return arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
