"""Turn the messages of every format into the `messages` of the store."""

from collections.abc import Sequence

from schemas.conversation import Message, Unreadable
from tasks.sources.json_text import JsonObject, dump, unfold
from tasks.sources.tool_calls import is_part, tool_calls_text

ROLES = {
    **dict.fromkeys(("user", "human", "prompter"), "user"),
    **dict.fromkeys(("assistant", "gpt", "bot", "model", "chatgpt", "ai"), "assistant"),
    **dict.fromkeys(("tool", "function", "observation"), "tool"),
    **dict.fromkeys(("system", "developer"), "system"),
}
TEXT_PARTS = frozenset({"text", "input_text", "output_text", "raw_text", "template", "refusal"})
RESULT_PARTS = frozenset({"tool_result"})
_TEXT_KEYS = ("text", "value", "content", "arguments", "refusal", "result")


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
    text: they stay in `parts` alone. A user message made of tool results only is a tool's.

    Raises:
        Unreadable: bad_role.
    """
    if not isinstance(item, dict):
        raise Unreadable("bad_role", f"message {number} is a {type(item).__name__}, not an object")
    role, parts = _role(item, number), _parts(item.get("content"))
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


def _parts(content: object) -> list[object]:
    """List the content parts; a bare object is one part, or the arguments of a template."""
    if isinstance(content, dict):
        return [content if "type" in content else {"type": "text", "value": content}]
    return content if isinstance(content, list) else []


def _text(item: JsonObject, parts: list[object], results: list[object]) -> str:
    if parts:
        return "\n".join(map(_part_text, results)) if results else parts_text(parts)
    content = item.get("content")
    if content is None:
        return _string(item.get("refusal")) or ""
    return _plain(content)


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
