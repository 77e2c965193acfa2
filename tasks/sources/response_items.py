"""Turn the items of OpenAI's Responses API into messages; Open WebUI keeps replies as such too."""

from collections.abc import Sequence

from tasks.sources.json_text import JsonObject

_CALLS = ("function_call", "custom_tool_call")


def item_messages(items: Sequence[object]) -> list[object]:
    """Return messages as chat completions have them.

    Calls, reasoning and what the provider's own tools did join the reply that they belong to:
    calls as its tool_calls, the rest as parts. The output of a call is a message of its own.
    """
    runs: list[list[object]] = []
    for item in items:
        if runs and _continues(runs[-1], item):
            runs[-1].append(item)
        else:
            runs.append([item])
    return [_message(run) for run in runs]


def _continues(run: list[object], item: object) -> bool:
    """Tell whether an item belongs to the reply before it, which says something only once."""
    second = _is_message(item) and any(map(_is_message, run))
    return _is_replying(run[-1]) and _is_replying(item) and not second


def _message(run: list[object]) -> object:
    first = run[0]
    if not isinstance(first, dict) or (len(run) == 1 and _is_message(first)):
        return first
    if not _is_replying(first):
        result = {"content": first.get("output"), "tool_call_id": first.get("call_id")}
        return {**first, "role": "tool", **result}
    said = next(filter(_is_message, run), None)
    parts = [part for item in run if not _is_call(item) for part in _parts(item)]
    reply = {"role": "assistant", "content": parts, "tool_calls": [*filter(_is_call, run)]}
    return {**said, **reply} if isinstance(said, dict) else reply


def _parts(item: object) -> list[object]:
    """Return the parts of a message; any other item is a part itself."""
    content = item.get("content") if isinstance(item, dict) and _is_message(item) else [item]
    if isinstance(content, list):
        return content
    return [{"type": "output_text", "text": content}] if content else []


def _is_message(item: object) -> bool:
    return _kind(item) == "message"


def _is_call(item: object) -> bool:
    return _kind(item) in _CALLS


def _is_replying(item: object) -> bool:
    """Tell what the assistant says and does from what others say and tools return."""
    if _is_message(item):
        return isinstance(item, dict) and item.get("role") == "assistant"
    return not _kind(item).endswith("_output")


def _kind(item: object) -> str:
    kind: JsonObject | object = item.get("type") if isinstance(item, dict) else None
    return kind if isinstance(kind, str) else "message"
