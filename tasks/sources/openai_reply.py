"""Find the reply in a logged response, whichever way the model was called and it was logged."""

from collections.abc import Sequence

from tasks.sources.json_text import JsonObject, as_object, dump, unfold
from tasks.sources.openai_stream import choice_index, is_chunk, join_chunks, sse_chunks
from tasks.sources.response_items import item_messages

_SAID = frozenset({"content", "tool_calls", "function_call", "refusal", "audio", "text"})
_UNFINISHED = ("failed", "cancelled", "in_progress", "queued")


def whole_response(response: object) -> object:
    """Join a streamed response: chunks in a list, one by itself, or as server-sent events."""
    if isinstance(response, str):
        chunks = sse_chunks(response)
        return response if chunks is None else join_chunks(chunks)
    if is_chunk(response):
        return join_chunks([response])
    if isinstance(response, list) and any(map(is_chunk, response)):
        return join_chunks(response)
    return response


def reply_messages(response: object) -> list[object]:
    """Return the messages of a whole response: one, more around calls of tools, or none.

    Of several choices the first is the reply; the others are its `choices`.
    """
    if isinstance(response, str):
        return [{"role": "assistant", "content": response}] if response else []
    if isinstance(response, list):
        return item_messages(response)
    found = as_object(response)
    output = unfold(found.get("output"))
    if isinstance(output, list):
        return [] if found.get("status") in _UNFINISHED else item_messages(output)
    choices = unfold(found.get("choices"))
    if isinstance(choices, list) and choices:
        return _first_of(sorted(map(as_object, choices), key=choice_index))
    message = _said(found)
    return [message] if message else []


def same_message(item: object, reply: object) -> bool:
    """Tell whether a logger that appends the reply to the messages has done so already."""
    last, said = as_object(item), as_object(reply)
    keys = ("content", "tool_calls")
    return last.get("role") == "assistant" and all(
        dump(last.get(key)) == dump(said.get(key)) for key in keys
    )


def _first_of(choices: Sequence[JsonObject]) -> list[object]:
    message = _said(choices[0])
    if message is None or len(choices) == 1:
        return [message] if message else []
    return [message | {"choices": [_other(choice) for choice in choices[1:]]}]


def _other(choice: JsonObject) -> JsonObject:
    return {
        "index": choice.get("index"),
        "message": _said(choice),
        "finish_reason": choice.get("finish_reason"),
    }


def _said(choice: JsonObject) -> JsonObject | None:
    """Return what a choice, or a response without choices, says; None if that is nothing."""
    message = as_object(choice.get("message")) or choice
    if not message.keys() & _SAID:
        return None
    if "content" not in message and isinstance(message.get("text"), str):
        message = {"content": message["text"]}
    return message | {"role": "assistant"}
