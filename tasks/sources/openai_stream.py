"""Join the chunks of a streamed reply into the reply that was streamed."""

import re
from collections.abc import Sequence

from schemas.conversation import Unreadable
from tasks.sources.json_text import JsonObject, as_object, parse

_SPELLED = frozenset(  # grow from chunk to chunk; other texts come whole, and may come again
    {"content", "refusal", "reasoning", "reasoning_content", "thinking", "text"}
    | {"arguments", "input", "transcript", "data"}
)
_FIELD = re.compile(r"(data|event|id|retry)?:")
_LINE_END = re.compile(r"\r\n|\n|\r")
_ENDS = ("response.completed", "response.incomplete", "response.failed")


def sse_chunks(text: str) -> list[JsonObject] | None:
    """Return what the data lines of server-sent events hold; None for any other text.

    The closing [DONE] becomes {"done": True}; a line that is no JSON object is left out.
    """
    if not _FIELD.match(text.lstrip()):
        return None
    lines = [line[5:].strip() for line in _LINE_END.split(text) if line.startswith("data:")]
    chunks = [{"done": True} if line == "[DONE]" else _parsed(line) for line in lines]
    return [chunk for chunk in chunks if chunk] or None


def is_chunk(value: object) -> bool:
    """Tell a chunk, or an event of the Responses API, from whole replies and messages."""
    if not isinstance(value, dict):
        return False
    choices = value.get("choices")
    first = as_object(choices[0]) if isinstance(choices, list) and choices else {}
    kind = value.get("type")
    return (
        "delta" in first
        or value.get("object") == "chat.completion.chunk"
        or (isinstance(kind, str) and kind.startswith("response."))
    )


def join_chunks(chunks: Sequence[object]) -> JsonObject:
    """Return the whole reply: {"id", "model", ..., "choices": [{"message", "finish_reason"}]}.

    Only choices that were finished are in it, by a finish_reason or by the [DONE] after them:
    of a stream that broke off nobody knows how the answer would have ended.
    """
    found = [chunk for chunk in chunks if isinstance(chunk, dict)]
    ends = [as_object(event.get("response")) for event in found if event.get("type") in _ENDS]
    if ends:
        return ends[-1]
    done = any(chunk.get("done") is True for chunk in found)
    choices = _choices(found)
    finished = [choice for choice in choices if done or choice.get("finish_reason")]
    return {**_head(found), "choices": finished}


def choice_index(choice: JsonObject) -> int:
    """Return the place of a choice among several; the first, where it has none."""
    index = choice.get("index")
    return index if isinstance(index, int) else 0


def _parsed(line: str) -> JsonObject:
    try:
        return as_object(parse(line))
    except Unreadable:
        return {}


def _head(chunks: list[JsonObject]) -> JsonObject:
    """Return what the chunks say of the whole; the response where events of one wrap it."""
    wholes = [as_object(chunk.get("response")) or chunk for chunk in chunks]
    head: JsonObject = {}
    for whole in wholes:
        known = {key: value for key, value in whole.items() if value not in (None, "", [])}
        head = {**known, **head}
    return {key: value for key, value in head.items() if key not in ("choices", "type", "output")}


def _choices(chunks: list[JsonObject]) -> list[JsonObject]:
    """Return each choice with its deltas joined, by index."""
    choices: dict[int, JsonObject] = {}
    for chunk in chunks:
        given = chunk.get("choices")
        for choice in filter(None, map(as_object, given if isinstance(given, list) else [])):
            index = choice_index(choice)
            known = choices.setdefault(index, {"index": index, "message": {}})
            choices[index] = {
                **known,
                "message": _grown(known["message"], _delta(choice)),
                "finish_reason": choice.get("finish_reason") or known.get("finish_reason"),
            }
    return [choices[index] for index in sorted(choices)]


def _delta(choice: JsonObject) -> JsonObject:
    """Return what a chunk adds; completions of plain text have it beside the index."""
    delta = as_object(choice.get("delta"))
    return delta or {key: choice[key] for key in ("text",) if choice.get(key)}


def _grown(known: JsonObject, delta: JsonObject) -> JsonObject:
    grown = dict(known)
    for key, value in delta.items():
        if value is not None:
            grown[key] = _joined(key, grown.get(key), value)
    return grown


def _joined(key: str, old: object, new: object) -> object:
    if isinstance(new, list) or isinstance(old, list):
        return _listed(_as_list(old), _as_list(new))
    if isinstance(old, dict) and isinstance(new, dict):
        return _grown(old, new)
    if isinstance(old, str) and isinstance(new, str):
        return old + new if key in _SPELLED else new or old
    return _grown({}, new) if isinstance(new, dict) else new


def _as_list(value: object) -> list[object]:
    """Return a list; text among content parts is a part."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [{"type": "text", "text": value}]
    return value if isinstance(value, list) else [value]


def _listed(old: list[object], new: list[object]) -> list[object]:
    """Append; an item that has the index of an earlier one continues it."""
    items = list(old)
    for item in new:
        at = _place(items, item)
        if at is None:
            items.append(_grown({}, item) if isinstance(item, dict) else item)
        else:
            items[at] = _grown(as_object(items[at]), as_object(item))
    return items


def _place(items: list[object], item: object) -> int | None:
    index = item.get("index") if isinstance(item, dict) else None
    places = (
        at
        for at, known in enumerate(items)
        if isinstance(known, dict) and known.get("index") == index
    )
    return None if index is None else next(places, None)
