"""Read one call of a model as a tracing tool logs it: what was given, and what came back."""

from tasks.sources.answers import answered
from tasks.sources.dialects import Items, messages_in, messages_of
from tasks.sources.json_text import JsonObject, as_object, dump, unfold
from tasks.sources.messages import parts_text

_SYSTEM = ("system", "instructions", "system_instruction", "systemInstruction")
_HOLDERS = ("messages", "contents", "prompt", "input", "args", "kwargs", "request", "body")
_WORDS = ("prompt", "query", "question", "message", "user_input", "input", "text", "args", "kwargs")


def exchange(given: object, got: object, *, loose: bool = True) -> Items:
    """Return the messages of one call; loose reads bare words as what was asked or answered.

    An output that repeats the user's words is the whole conversation: agents log it so.
    """
    question, answer = asked(given, loose=loose), answered(got, loose=loose)
    first = _first_user(answer)
    if first is not None:
        return answer if first == _first_user(question) or not question else question + answer
    begins, said = _apart(answer)
    return [*([] if _apart(question)[0] else begins), *question, *said]


def asked(value: object, *, loose: bool = True) -> Items:
    """Return the messages of an input: a list of them, a request, or the bare words of a user."""
    found = unfold(value)
    if isinstance(found, dict):
        return _of_request(found, loose)
    if isinstance(found, list):
        messages = messages_in(found)
        return messages or (asked(found[0], loose=True) if loose and len(found) == 1 else [])
    if not loose or not isinstance(found, str) or not found.strip():
        return []
    return [{"role": "user", "content": found}]


def offered(*values: object) -> str | None:
    """Return as JSON text the tools that a request, a response or its metadata lists first."""
    found = (_tools(as_object(value)) for value in values)
    tools = next(filter(None, found), [])
    return dump(tools) if tools else None


def _tools(place: JsonObject) -> list[object]:
    """Return definitions of tools; calls that were made are listed under the same name."""
    listed = unfold(place.get("tools"))
    tools = [unfold(tool) for tool in listed] if isinstance(listed, list) else []
    return tools if all(_is_tool(tool) for tool in tools) else []


def _is_tool(tool: object) -> bool:
    return isinstance(tool, dict) and bool(tool.keys() & {"name", "function", "type"})


def _of_request(value: JsonObject, loose: bool) -> Items:
    nested = (asked(value[key], loose=False) for key in _HOLDERS if key in value)
    found = messages_of(value) or next(filter(None, nested), [])
    if not found and loose:
        found = next(filter(None, (asked(value.get(key)) for key in _WORDS)), [])
    return [*_system(value), *found] if found else []


def _system(value: JsonObject) -> Items:
    """Return the system prompt that stands beside the messages, for Gemini in `config`."""
    places = (value, as_object(value.get("config")))
    found = next((place[key] for place in places for key in _SYSTEM if place.get(key)), None)
    if found is None or "role" in value:
        return []
    inner = found if isinstance(found, dict) else {"content": found}
    return messages_of({**inner, "role": "system"})


def _apart(items: Items) -> tuple[Items, Items]:
    """Tell the system prompts from what was said."""
    begins = [item for item in items if item.get("role") == "system"]
    return begins, [item for item in items if item.get("role") != "system"]


def _first_user(items: Items) -> object:
    users = (item.get("content") for item in items if item.get("role") in ("user", "human"))
    first = next(users, None)
    return parts_text(first) if isinstance(first, list) else first
