"""Turn the messages of every format into the `messages` of the store."""

from collections.abc import Sequence

from schemas.conversation import Message, Unreadable
from tasks.sources.beside import choice_parts, media_parts, reasoning_parts, spoken_parts
from tasks.sources.json_text import JsonObject, dump, unfold
from tasks.sources.tool_calls import is_part, tool_calls_text

ROLES = {
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "bot", "model", "chatgpt", "ai"), "assistant"),
    **dict.fromkeys(("bing", "bard", "claude"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation", "ipython"), "tool"),
    **dict.fromkeys(("tool_response", "function_response"), "tool"),
    **dict.fromkeys(("system", "developer"), "system"),
}
CALL_ROLES = ("function_call", "tool_call")
TEXT_PARTS = frozenset({"text", "input_text", "output_text", "raw_text", "template", "refusal"})
RESULT_PARTS = frozenset({"tool_result"})
_TEXT_KEYS = ("text", "value", "content", "arguments", "refusal", "result", "answer")


def listed(items: object) -> list[object]:
    """Return a list of messages that has any, also one that is JSON text.

    Raises:
        Unreadable: no_messages.
    """
    items = unfold(items)
    if not isinstance(items, list) or not items:
        seen = type(items).__name__ if items else "nothing"
        raise Unreadable("no_messages", f"expected a list of messages, found {seen}")
    return items


def read_messages(items: Sequence[object]) -> list[Message]:
    """Read {"role", "content", ...} one by one.

    Raises:
        Unreadable: bad_role.
    """
    return [read_message(item, number) for number, item in enumerate(items, 1)]


def read_message(item: object, number: int = 1) -> Message:
    """Read one message; `number` is its 1-based place, for the error.

    `content` is the text parts joined by newlines. Images, reasoning and the like have no
    text: they stay in `parts` alone. A user message made of tool results only is a tool's; one
    of the role function_call is the assistant's.

    Raises:
        Unreadable: bad_role.
    """
    if not isinstance(item, dict):
        raise Unreadable("bad_role", f"message {number} is a {type(item).__name__}, not an object")
    item = _called(item)
    role, parts = _role(item, number), _parts(item)
    if role == "user" and parts and all(is_part(part, RESULT_PARTS) for part in parts):
        role = "tool"
    results = [part for part in parts if role == "tool" and is_part(part, RESULT_PARTS)]
    return {
        "role": role,
        "content": _text(item, parts, results),
        "parts": dump(parts) if parts else None,
        "name": _string(item.get("name")),
        "tool_call_id": _string(item.get("tool_call_id")) or _result_id(results),
        "tool_calls": tool_calls_text(item, parts),
    }


def parts_text(parts: list[object]) -> str:
    """Join the text parts by newlines."""
    texts = (_part_text(part) for part in parts if _has_text(part))
    return "\n".join(texts)


def _role(item: JsonObject, number: int) -> str:
    role = item.get("role")
    known = ROLES.get(role.strip().lower()) if isinstance(role, str) else None
    if known is None:
        seen = "no role" if role is None else f"the role {str(role)[:40]!r}"
        wanted = ", ".join(sorted(set(ROLES.values())))
        raise Unreadable("bad_role", f"message {number} has {seen}; known roles: {wanted}")
    return known


def _called(item: JsonObject) -> JsonObject:
    """Read the calls that are the content of a turn of their own; what is no JSON stays text."""
    if item.get("role") not in CALL_ROLES:
        return item
    calls = unfold(item.get("content"))
    if isinstance(calls, str):
        return item | {"role": "assistant"}
    return item | {"role": "assistant", "content": None, "tool_calls": calls}


def _parts(item: JsonObject) -> list[object]:
    """List the parts of the content, and what stands beside it."""
    content = item.get("content")
    parts = _content_parts(content)
    before = reasoning_parts(item)
    after = [*spoken_parts(item), *media_parts(item), *choice_parts(item)]
    if (before or after) and not parts and content not in (None, ""):
        parts = [{"type": "text", "text": _plain(content)}]
    return [*before, *parts, *after]


def _content_parts(content: object) -> list[object]:
    """List content parts; a bare object is one part, or the arguments of a template."""
    if isinstance(content, list):
        return content
    if not isinstance(content, dict):
        return []
    return [content if "type" in content or content.keys() == {"answer"} else _template(content)]


def _template(arguments: JsonObject) -> JsonObject:
    return {"type": "text", "value": arguments}


def _text(item: JsonObject, parts: list[object], results: list[object]) -> str:
    if parts:
        return "\n".join(map(_part_text, results)) if results else parts_text(parts)
    content = item.get("content")
    return "" if content is None else _plain(content)


def _has_text(part: object) -> bool:
    if isinstance(part, dict):
        return is_part({"type": "text", **part}, TEXT_PARTS)
    return isinstance(part, str)


def _part_text(part: object) -> str:
    if not isinstance(part, dict):
        return _plain(part)
    found = (part[key] for key in _TEXT_KEYS if part.get(key) is not None)
    return _plain(next(found, ""))


def _plain(value: object) -> str:
    """Write template arguments as `key: value` lines, nested parts as their text."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return "\n".join(f"{key}: {_word(item)}" for key, item in value.items())
    if isinstance(value, list) and all(_has_text(part) for part in value):
        return parts_text(value)
    return dump(value)


def _word(value: object) -> str:
    return value if isinstance(value, str) else dump(value)


def _result_id(results: list[object]) -> str | None:
    ids = [part.get("tool_use_id") or part.get("id") for part in results if isinstance(part, dict)]
    return _string(ids[0]) if len(ids) == 1 else None


def _string(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
