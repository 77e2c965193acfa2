"""Take apart replies that were stored as they were shown: what folds away, then the answer."""

import html
import re

from schemas.conversation import Unreadable
from tasks.sources.json_text import JsonObject, dump, parse

_FOLD = re.compile(r'<details\b([^>]*\btype="[^>]*)>(.*?)</details>\s*', re.DOTALL)
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')
_SUMMARY = re.compile(r"\s*<summary>.*?</summary>\s*", re.DOTALL)
_QUOTED = re.compile(r"^> ?", re.MULTILINE)


def rendered_items(content: str) -> list[object]:
    """Return the items of the Responses API that a rendered reply shows.

    Folds of a type are reasoning, calls with their results, or what else the tool at hand wrote
    there; what stands between them was said.
    """
    items: list[object] = []
    end = 0
    if not _FOLD.search(content):
        return [_message(content)] if content.strip() else []
    for fold in _FOLD.finditer(content):
        items += [*_said(content[end : fold.start()]), *_folded(fold[1], fold[2])]
        end = fold.end()
    return [*items, *_said(content[end:])]


def _said(text: str) -> list[JsonObject]:
    return [_message(text.strip())] if text.strip() else []


def _message(text: str) -> JsonObject:
    return {"type": "message", "role": "assistant", "content": text}


def _folded(head: str, inner: str) -> list[JsonObject]:
    given = {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(head)}
    text = html.unescape(_SUMMARY.sub("", inner, count=1)).strip()
    if given["type"] == "reasoning":
        return [{"type": "reasoning", "text": _QUOTED.sub("", text)}]
    if given["type"] == "tool_calls" and given.get("name"):
        return _called(given, text)
    return [{**given, "text": text}]


def _called(given: dict[str, str], text: str) -> list[JsonObject]:
    """Return the call and, once it was done, its result: an attribute, or what is folded away."""
    call_id = given.get("id")
    call = {"type": "function_call", "call_id": call_id, "name": given["name"]}
    call["arguments"] = _text(given.get("arguments", ""))
    if given.get("done") == "false":
        return [call]
    output = _text(given.get("result") or text)
    return [call, {"type": "function_call_output", "call_id": call_id, "output": output}]


def _text(value: str) -> str:
    """Return a text that was written as JSON; other JSON stays as it is."""
    try:
        found = parse(value)
    except Unreadable:
        return value
    return found if isinstance(found, str) else dump(found)
