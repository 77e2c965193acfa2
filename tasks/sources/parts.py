"""Tell tool calls, tool results and the rest apart among the content parts of every framework."""

from tasks.sources.json_text import JsonObject, dump

CALLS = frozenset({"tool_call", "tool_use", "function_call", "tool-call", "custom_tool_call"})
RESULTS = frozenset(
    {"tool_result", "tool_call_response", "tool-result", "tool-return", "function_call_output"}
    | {"custom_tool_call_output"}
)
_IDS = ("tool_use_id", "call_id", "toolCallId", "tool_call_id", "id")
_NAMES = ("name", "toolName", "tool_name", "raw_name")
_ARGUMENTS = ("arguments", "input", "args", "raw_arguments")
_RESULT_KEYS = ("response", "content", "result", "output")
_PART_TYPES = ("text", "image", "image_url", "document", "resource")
_TYPE_KEYS = ("type", "part_kind", "block_type")
_TYPES = {"user-prompt": "text", "system-prompt": "text", "retry-prompt": "text"}


def call_in(part: object) -> JsonObject | None:
    """Return the tool call that a part is, in OpenAI's shape; None for any other part."""
    source = _inner(part, "functionCall", "function_call") or _typed(part, CALLS)
    name = _first(source, _NAMES)
    if not isinstance(name, str):
        return None
    given, call_id = _first(source, _ARGUMENTS), _first(source, _IDS)
    arguments = given if isinstance(given, str) else dump({} if given is None else given)
    call = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {"id": call_id, **call} if isinstance(call_id, str) else call


def result_in(part: object) -> JsonObject | None:
    """Return the tool's message that a part is; None for any other part."""
    source = _inner(part, "functionResponse", "function_response") or _typed(part, RESULTS)
    if not source:
        return None
    said, called = written_result(_first(source, _RESULT_KEYS)), _first(source, _IDS)
    message = {"role": "tool", "content": said, "tool_call_id": called}
    return message | {"name": _first(source, _NAMES)}


def written_call(call: object) -> object:
    """Return an item of `tool_calls` in OpenAI's shape."""
    if not isinstance(call, dict) or "function" in call:
        return call
    return call_in({"type": "tool_call", **call}) or call


def written_result(value: object) -> object:
    """Return a result as text or as parts; of the AI SDK's {"type": "json", "value"} the value."""
    if isinstance(value, dict) and value.get("type") in ("text", "json"):
        value = value.get("value", value)
    if isinstance(value, list) and value and all(_is_part(part) for part in value):
        return value
    return value if isinstance(value, str | None) else dump(value)


def typed_part(part: object) -> object:
    """Name the type of a part where its framework calls it otherwise, or leaves it to the keys.

    What a model thought is no text: it becomes of type reasoning.
    """
    if isinstance(part, str):
        return {"type": "text", "text": part}
    if not isinstance(part, dict):
        return part
    thought = part.get("thought") is True or part.get("part_kind") == "thinking"
    return {**part, "type": "reasoning" if thought else _type(part)}


def sole_text(parts: list[object]) -> str | None:
    """Return the text of parts that are one text and no more; OpenAI's parts stay parts."""
    part = parts[0] if len(parts) == 1 else None
    if not isinstance(part, dict):
        return part if isinstance(part, str) else None
    said = part.get("text") if "text" in part and "type" not in part else part.get("content")
    if _type(part) != "text" or part.get("thought") or not isinstance(said, str):
        return None
    return said


def _type(part: JsonObject) -> str:
    named = next((part[key] for key in _TYPE_KEYS if isinstance(part.get(key), str)), None)
    if named is not None:
        return _TYPES.get(named, str(named))
    return "text" if "text" in part or not part else str(next(iter(part)))


def _inner(part: object, *keys: str) -> JsonObject:
    """Return what Gemini puts under the name of the part's type."""
    found = (part[key] for key in keys if key in part) if isinstance(part, dict) else ()
    return next((value for value in found if isinstance(value, dict)), {})


def _typed(part: object, types: frozenset[str]) -> JsonObject:
    """Return a part of one of `types`; the AI SDK lists calls without one."""
    if not isinstance(part, dict):
        return {}
    is_bare_call = types is CALLS and "type" not in part and "toolCallId" in part
    return part if is_bare_call or _type(part) in types else {}


def _is_part(value: object) -> bool:
    return isinstance(value, dict) and value.get("type") in _PART_TYPES


def _first(source: JsonObject, keys: tuple[str, ...]) -> object:
    return next((source[key] for key in keys if source.get(key) is not None), None)
