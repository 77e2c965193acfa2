"""Bring the messages of every framework into the shape that `read_message` reads.

Chat completions, Responses, Anthropic, Gemini, OpenTelemetry, the AI SDK, LangChain, LlamaIndex
and pydantic-ai write the same things down: who spoke, what was called, what came back.
"""

from collections.abc import Callable

from tasks.sources.json_text import JsonObject, as_object, unfold
from tasks.sources.parts import (
    call_in,
    result_in,
    sole_text,
    typed_part,
    written_call,
    written_result,
)
from tasks.sources.response_items import item_messages

Items = list[JsonObject]
_LANGCHAIN = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant"}
_LANGCHAIN_TYPES = frozenset({*_LANGCHAIN, "system", "tool", "function", "developer"})
_KEPT = ("name", "tool_call_id", "tool_calls", "choices")
_PYDANTIC_ROLES = {"system-prompt": "system", "user-prompt": "user", "retry-prompt": "user"}


def messages_in(items: object) -> Items:
    """Return the messages that a list of logged items holds; what is no message is left out."""
    listed = unfold(items)
    if not isinstance(listed, list):
        return []
    joined = item_messages(listed) if any(map(_is_step, listed)) else listed
    return [message for item in joined for message in messages_of(item)]


def messages_of(value: object) -> Items:
    """Return the messages that one logged item stands for, none for what is no message.

    A message that holds results of tools becomes one message for each, before its own words.
    """
    item = as_object(value)
    return next((found for read in _DIALECTS if (found := read(item)) is not None), [])


def _wrapped(item: JsonObject) -> Items | None:
    """Read {"message": {...}}: a choice, a chat response of LlamaIndex, an event of pydantic-ai."""
    inner = item.get("message")
    if "role" in item or not isinstance(inner, dict):
        return None
    return messages_of({"role": "assistant", **inner})


def _langchain(item: JsonObject) -> Items | None:
    """Read {"type": "human", "content"}, also as LangChain serialises it, under `kwargs`."""
    inner = item.get("kwargs") if item.get("lc") == 1 else item
    if not isinstance(inner, dict) or "role" in inner or "content" not in inner:
        return None
    kind = inner.get("type")
    if not isinstance(kind, str) or kind not in _LANGCHAIN_TYPES:
        return None
    more = as_object(inner.get("additional_kwargs"))
    calls = inner.get("tool_calls") or more.get("tool_calls")
    return messages_of({**inner, "role": _LANGCHAIN.get(kind, kind), "tool_calls": calls})


def _pydantic_ai(item: JsonObject) -> Items | None:
    """Read {"kind": "request", "parts": [{"part_kind": "user-prompt", ...}]}, a role per part."""
    parts = _parts(item)
    if item.get("kind") not in ("request", "response") or parts is None or "role" in item:
        return None
    if item["kind"] == "response":
        return _message({}, "assistant", parts)
    return [said for part in parts for said in _message({}, _pydantic_role(part), [part])]


def _parted(item: JsonObject) -> Items | None:
    """Read {"role", "parts"} of OpenTelemetry and Gemini, and the `blocks` of LlamaIndex."""
    parts = _parts(item)
    if parts is None or not isinstance(item.get("role", "user"), str):
        return None
    more = as_object(item.get("additional_kwargs"))
    return _message({**more, **item}, item.get("role", "user"), parts)


def _result(item: JsonObject) -> Items | None:
    """Read a result that is an item of its own, as the Responses API lists them."""
    found = None if "role" in item else result_in(item)
    return [found] if found else None


def _spoken(item: JsonObject) -> Items | None:
    """Read {"role", "content"}; calls and results may stand among the content parts."""
    if not isinstance(item.get("role"), str):
        return None
    parts = item.get("content")
    if not isinstance(parts, list) or not any(call_in(part) or result_in(part) for part in parts):
        return [_folded(item)]
    return _message(item, item["role"], parts)


_DIALECTS: tuple[Callable[[JsonObject], Items | None], ...] = (
    _wrapped,
    _langchain,
    _pydantic_ai,
    _parted,
    _result,
    _spoken,
)


def _folded(item: JsonObject) -> JsonObject:
    """Write arguments and results as JSON text where an exporter has parsed them."""
    calls, content = unfold(item.get("tool_calls")), item.get("content")
    if isinstance(calls, list):
        item = {**item, "tool_calls": [written_call(call) for call in calls]}
    if item.get("role") in ("tool", "function"):
        item = {**item, "content": written_result(content)}
    return item


def _parts(item: JsonObject) -> list[object] | None:
    found = (unfold(item.get(key)) for key in ("parts", "blocks"))
    return next((parts for parts in found if isinstance(parts, list)), None)


def _pydantic_role(part: object) -> str:
    kind = as_object(part).get("part_kind")
    return _PYDANTIC_ROLES.get(kind, "user") if isinstance(kind, str) else "user"


def _message(item: JsonObject, role: str, parts: list[object]) -> Items:
    """Put results into messages of their own, calls into `tool_calls`, the rest into `content`."""
    results = [found for part in parts if (found := result_in(part))]
    calls = [found for part in parts if (found := call_in(part))]
    rest = [part for part in parts if not (result_in(part) or call_in(part))]
    if results and not rest and not calls:
        return results
    text = sole_text(rest)
    content = text if text is not None else [typed_part(part) for part in rest] or None
    kept = {key: item[key] for key in _KEPT if item.get(key)}
    return [*results, {**kept, "role": role, "content": content} | _calls(calls)]


def _calls(calls: Items) -> JsonObject:
    return {"tool_calls": calls} if calls else {}


def _is_step(item: object) -> bool:
    """Tell an item of the Responses API that is no message: a call, its output, a thought."""
    kind = item.get("type") if isinstance(item, dict) and "role" not in item else None
    return isinstance(kind, str) and kind.endswith(("_call", "_call_output", "reasoning"))
