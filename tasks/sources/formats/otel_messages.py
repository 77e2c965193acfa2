"""The messages of an OpenTelemetry span, in every way that instrumentations have written them."""

import re
from collections.abc import Callable, Iterable

from tasks.sources.dialects import Items, messages_in, messages_of
from tasks.sources.exchanges import exchange
from tasks.sources.formats.otlp import Event, attributes, events
from tasks.sources.json_text import JsonObject, as_object, unfold

_PAIRS = (  # attributes that hold what was given and what came back, in any shape
    ("gen_ai.prompt", "gen_ai.completion"),
    ("langfuse.observation.input", "langfuse.observation.output"),
    ("ai.prompt.messages", "ai.response"),
    ("ai.prompt", "ai.response"),
)
_TRANSCRIPTS = ("pydantic_ai.all_messages", "all_messages_events")
_INDEXED = (  # gen_ai.prompt.0.role and so on
    ("gen_ai.prompt", "gen_ai.completion"),
    ("llm.input_messages", "llm.output_messages"),
)
_MESSAGE_EVENT = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message|gen_ai\.choice")
_WRAPPERS = ("message", "tool_call", "message_content")


def span_messages(span: JsonObject) -> Items:
    """Return the messages of a span, from the first place that holds some."""
    found = (read(span) for read in _PLACES)
    return next(filter(None, found), [])


def is_lone_message(record: JsonObject) -> bool:
    """Tell a log record that is one message of several, which nothing joins with the others."""
    is_message = any(_MESSAGE_EVENT.fullmatch(event.name) for event in events(record))
    return is_message and "events" not in record


def _conventions(span: JsonObject) -> Items:
    """Read the attributes of today's conventions, of the span itself or of an event."""
    places = [attributes(span)]
    for event in events(span):
        places += [event.given, as_object(event.body)]
    return next(filter(None, map(_messages_at, places)), [])


def _messages_at(place: JsonObject) -> Items:
    given, got = place.get("gen_ai.input.messages"), place.get("gen_ai.output.messages")
    said = exchange(given, _first_choice(got), loose=False)
    instructions = unfold(place.get("gen_ai.system_instructions"))
    if not said or not instructions:
        return said
    parts = instructions if isinstance(instructions, list) else [instructions]
    return [*messages_of({"role": "system", "parts": parts}), *said]


def _first_choice(got: object) -> object:
    """Of several answers to one question the first is the answer; the others are its `choices`."""
    found = unfold(got)
    answers = found if isinstance(found, list) else []
    if len(answers) < 2 or not all(as_object(item).get("role") == "assistant" for item in answers):
        return found
    others = [{"index": n, "message": item} for n, item in enumerate(answers[1:], 1)]
    return [{**as_object(answers[0]), "choices": others}]


def _message_events(span: JsonObject) -> Items:
    """Read an event for every message, as conventions had it until 1.36."""
    if is_lone_message(span):
        return []
    items: Items = []
    for event in events(span):
        if _MESSAGE_EVENT.fullmatch(event.name):
            items += _of_event(event)
        elif event.name in ("gen_ai.content.prompt", "gen_ai.content.completion"):
            items += exchange(*map(event.given.get, ("gen_ai.prompt", "gen_ai.completion")))
    return items


def _of_event(event: Event) -> Items:
    said = as_object(event.body) or as_object(event.given.get("gen_ai.event.content"))
    said = said or ({"content": event.body} if isinstance(event.body, str) else event.given)
    is_choice = event.name == "gen_ai.choice"
    if is_choice and said.get("index") not in (None, 0, "0"):
        return []
    role = "assistant" if is_choice else event.name.split(".")[1]
    message = as_object(said.get("message")) or said
    called = {"tool_call_id": said.get("id")} if role == "tool" and "id" in said else {}
    return messages_of({**called, **message, "role": message.get("role", role)})


def _indexed(span: JsonObject) -> Items:
    """Read attributes that number their messages: OpenLLMetry's and OpenInference's."""
    flat = attributes(span)
    for given, got in _INDEXED:
        answers = messages_in(_nested(flat, got))
        found = [*messages_in(_nested(flat, given)), *answers[:1]]
        if found:
            return found
    return []


def _nested(flat: JsonObject, prefix: str) -> list[object]:
    """Return what stands under `prefix` as a list: a.0.role, a.0.content, a.1.role ..."""
    root: JsonObject = {}
    for key, value in flat.items():
        if key.startswith(f"{prefix}."):
            *path, last = key.removeprefix(f"{prefix}.").split(".")
            place = root
            for step in path:
                inner = place.setdefault(step, {})
                place = inner if isinstance(inner, dict) else {}
            place[last] = value
    return _as_list(root)


def _as_list(numbered: JsonObject) -> list[object]:
    numbers = sorted((key for key in numbered if key.isdecimal()), key=int)
    return [_unnumbered(numbered[key]) for key in numbers]


def _unnumbered(value: object) -> object:
    """Make lists of objects with numbers for keys, and drop OpenInference's extra levels."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return _as_list(value)
    if len(value) == 1 and next(iter(value)) in _WRAPPERS:
        return _unnumbered(next(iter(value.values())))
    plain = {key: _unnumbered(item) for key, item in value.items()}
    return {**plain, "content": plain.pop("contents")} if "contents" in plain else plain


def _pairs(span: JsonObject) -> Items:
    """Read attributes that hold an input and an output as some framework shapes them."""
    flat = attributes(span)
    response = {
        "text": flat.get("ai.response.text"),
        "toolCalls": flat.get("ai.response.toolCalls"),
    }
    flat = {**flat, "ai.response": {key: value for key, value in response.items() if value}}
    found = (exchange(flat[given], flat.get(got)) for given, got in _PAIRS if flat.get(given))
    return next(filter(None, found), [])


def _transcripts(span: JsonObject) -> Items:
    flat = attributes(span)
    found: Iterable[Items] = (messages_in(flat.get(key)) for key in _TRANSCRIPTS)
    return next(filter(None, found), [])


def _openinference(span: JsonObject) -> Items:
    flat = attributes(span)
    return exchange(flat.get("input.value"), flat.get("output.value"), loose=False)


_PLACES: tuple[Callable[[JsonObject], Items], ...] = (
    _conventions,
    _message_events,
    _indexed,
    _pairs,
    _transcripts,
    _openinference,
)
