"""Read what a model gave back, as tracing tools log it: a message, or a response of any API."""

from collections.abc import Callable

from tasks.sources.dialects import Items, messages_in, messages_of
from tasks.sources.json_text import JsonObject, as_object, dump, unfold
from tasks.sources.openai_reply import reply_messages, whole_response
from tasks.sources.parts import call_in

_PARTS = frozenset({"text", "output_text", "thinking", "reasoning"})
_WORDS = ("text", "answer", "output", "response", "completion", "result")


def answered(value: object, *, loose: bool = True) -> Items:
    """Return the messages of an output: an answer, a response, or a whole transcript.

    Of several choices the first is the answer; the others are its `choices`. Loose takes anything
    else, and JSON as its text, for the answer's words.
    """
    found = unfold(value)
    if isinstance(found, list):
        messages = _listed(found)
    else:
        messages = _of_response(found) if isinstance(found, dict) else []
    if messages or not loose or found in (None, "", [], {}):
        return messages
    plain = _plain(found) if isinstance(found, dict) else None
    text = value if isinstance(value, str) else dump(value)
    return [{"role": "assistant", "content": text if plain is None else plain}]


def _listed(items: list[object]) -> Items:
    """Read messages, the items of a response, or the content parts of one answer."""
    if items and all(_is_part(item) for item in items):
        return messages_of({"role": "assistant", "parts": items})
    return messages_in(items)


def _is_part(item: object) -> bool:
    if not isinstance(item, dict) or item.keys() & {"role", "message"}:
        return False
    kind = item.get("type")
    return call_in(item) is not None or (isinstance(kind, str) and kind in _PARTS)


def _of_response(value: JsonObject) -> Items:
    return next(filter(None, (read(value) for read in _RESPONSES)), [])


def _openai(value: JsonObject) -> Items:
    """Read a chat completion or a response; its instructions are the system prompt."""
    if "choices" not in value and not isinstance(unfold(value.get("output")), list):
        return []
    said = messages_in(reply_messages(whole_response(value)))
    given = value.get("instructions")
    return [{"role": "system", "content": given}, *said] if said and given else said


def _candidates(value: JsonObject) -> Items:
    """Read a response of Gemini."""
    content = as_object(as_object(_first(value.get("candidates"))).get("content"))
    return messages_of({"role": "assistant", **content}) if content else []


def _generations(value: JsonObject) -> Items:
    """Read a result of LangChain: a list of generations for every prompt."""
    first = as_object(_first(_first(value.get("generations"))))
    if isinstance(first.get("message"), dict):
        return messages_of(first["message"])
    return [{"role": "assistant", "content": first["text"]}] if first.get("text") else []


def _state(value: JsonObject) -> Items:
    """Read the state of an agent after its run: {"messages": [...]}."""
    return messages_in(value.get("messages"))


def _ai_sdk(value: JsonObject) -> Items:
    """Read {"text", "toolCalls", "reasoning"} of the AI SDK."""
    calls = unfold(value.get("toolCalls"))
    if not isinstance(calls, list) or not calls:
        return []
    text = value.get("text")
    said = [{"text": text}] if isinstance(text, str) and text else []
    return messages_of({"role": "assistant", "parts": [*said, *calls]})


def _content(value: JsonObject) -> Items:
    """Read the bare content of an answer: {"content": ...}."""
    content = value.get("content")
    if isinstance(content, dict):
        return messages_of({"role": "assistant", **content})
    is_said = isinstance(content, str | list) and content and "role" not in value
    return messages_of({"role": "assistant", "content": content}) if is_said else []


_RESPONSES: tuple[Callable[[JsonObject], Items], ...] = (
    _openai,
    _candidates,
    _generations,
    _state,
    messages_of,
    _ai_sdk,
    _content,
)


def _plain(value: JsonObject) -> str | None:
    """Return the one text that an object holds, if it stands under a name for an answer."""
    texts = [key for key, text in value.items() if isinstance(text, str)]
    return str(value[texts[0]]) if len(texts) == 1 and texts[0] in _WORDS else None


def _first(value: object) -> object:
    found = unfold(value)
    return found[0] if isinstance(found, list) and found else None
