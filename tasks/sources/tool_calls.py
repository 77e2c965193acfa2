"""Bring tool calls of every dialect into OpenAI's shape."""

from tasks.sources.json_text import JsonObject, dump, unfold

CALL_PARTS = frozenset({"tool_call", "tool_use", "function_call"})


def tool_calls_text(item: JsonObject, parts: list[object]) -> str | None:
    """Return a message's calls as JSON text; None where it calls nothing.

    They stand in `tool_calls`, in the older `function_call`, or among the content parts.
    Each becomes {"id"?, "type": "function", "function": {"name", "arguments": JSON text}};
    a call of unknown shape stays as it is.
    """
    calls = _listed(item.get("tool_calls")) or _listed(item.get("function_call"))
    calls = calls or [part for part in parts if is_part(part, CALL_PARTS)]
    return dump([_call(call) for call in calls]) if calls else None


def is_part(part: object, types: frozenset[str]) -> bool:
    """Tell whether a content part is of one of `types`."""
    kind = part.get("type") if isinstance(part, dict) else None
    return isinstance(kind, str) and kind in types


def _listed(value: object) -> list[object]:
    value = unfold(value)
    if isinstance(value, list):
        return value
    return [value] if value else []


def _call(call: object) -> object:
    if not isinstance(call, dict):
        return call
    if "function" in call:
        return _plain(call)
    inner = unfold(call.get("value"))
    source = inner if isinstance(inner, dict) else call
    name = source.get("name") or source.get("raw_name")
    if not isinstance(name, str):
        return call
    call_id = call.get("call_id") or call.get("id")
    function = {"name": name, "arguments": _arguments(source)}
    return ({"id": call_id} if call_id else {}) | {"type": "function", "function": function}


def _plain(call: JsonObject) -> JsonObject:
    """Write out arguments logged as an object; drop the index that streams number calls by."""
    call = {key: value for key, value in call.items() if key != "index"}
    function = call["function"]
    if not isinstance(function, dict) or not isinstance(function.get("arguments"), dict | list):
        return call
    return {**call, "function": {**function, "arguments": dump(function["arguments"])}}


def _arguments(source: JsonObject) -> str:
    keys = ("arguments", "input", "parameters", "raw_arguments")
    found: object = next((source[key] for key in keys if source.get(key) is not None), {})
    return found if isinstance(found, str) else dump(found)
