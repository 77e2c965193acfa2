"""Chat completions as a proxy logs them: {"request", "response"}, or both in one object."""

from dataclasses import replace
from hashlib import sha256

from schemas.conversation import Conversation, Unreadable
from tasks.sources.envelope import CONVERSATION_IDS, first_id, places_of, read_conversation
from tasks.sources.json_text import JsonObject, as_object, dump, unfold
from tasks.sources.messages import listed

REPLY_KEYS = ("response", "completion", "choices", "error")


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` holds a request, a reply, or the reply to its messages."""
    return (
        "request" in record
        or "choices" in record
        or ("messages" in record and any(key in record for key in REPLY_KEYS))
    )


def read(record: JsonObject) -> Conversation:
    """Read the request's messages and the first choice of the reply after them.

    A failed call keeps its messages: what the user asked can still be answered.

    Raises:
        Unreadable: error_record, no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    request, response = _body(record.get("request")), _response(record)
    reply = _reply(response)
    items = _messages(record, request, failed=reply is None and _failed(record, response))
    if reply is not None and not _same(items[-1], reply):
        items = [*items, reply]
    reply_place = response if isinstance(response, dict) else {}
    places = [*places_of(record), reply_place, *places_of(request)]
    conversation = read_conversation(items, places, record_ref=first_id([reply_place], "id"))
    if first_id(places, *CONVERSATION_IDS) is None:
        return conversation
    return replace(conversation, thread=_first_words(conversation))


def _first_words(conversation: Conversation) -> str:
    """Hash the first user turn: calls of one session that do not repeat its history begin anew.

    Without it the latest call would take the place of the others, and their prompts were lost.
    """
    first = next(m["content"] for m in conversation.messages if m["role"] == "user")
    return sha256(first.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _body(value: object) -> JsonObject:
    """Return a request or a response, without the HTTP wrapping of batch files."""
    found = as_object(value)
    return as_object(found["body"]) if "body" in found else found


def _response(record: JsonObject) -> JsonObject | str:
    """Return the response as an object; as text where only the reply's text was logged."""
    value = next((record[key] for key in ("response", "completion") if record.get(key)), None)
    found = unfold(value)
    if isinstance(value, str) and not (isinstance(found, dict) and _is_response(found)):
        return value  # a reply that happens to be JSON is still a reply
    return _body(found) if found else {key: record[key] for key in REPLY_KEYS if key in record}


def _is_response(value: JsonObject) -> bool:
    return any(key in value for key in ("choices", "error", "body"))


def _reply(response: JsonObject | str) -> JsonObject | None:
    if isinstance(response, str):
        return {"role": "assistant", "content": response}
    choices = unfold(response.get("choices"))
    first = as_object(choices[0]) if isinstance(choices, list) and choices else response
    message = as_object(first.get("message")) or first
    if isinstance(message.get("text"), str):
        message = {"content": message["text"]}
    if not message.keys() & {"content", "tool_calls", "function_call", "refusal"}:
        return None
    return message | {"role": "assistant"}


def _messages(record: JsonObject, request: JsonObject, *, failed: bool) -> list[object]:
    try:
        return listed(request.get("messages", record.get("messages")))
    except Unreadable:
        if failed:
            raise Unreadable(
                "error_record", "an error without the messages that led to it"
            ) from None
        raise


def _failed(record: JsonObject, response: JsonObject | str) -> bool:
    places = (record, as_object(record.get("response")), as_object(response))
    statuses = (place.get(key) for place in places for key in ("status", "status_code"))
    refused = any(isinstance(status, int) and status >= 400 for status in statuses)
    return refused or any(place.get("error") for place in places)


def _same(item: object, reply: JsonObject) -> bool:
    """Tell whether a logger that appends the reply to the messages has done so already."""
    last = as_object(item)
    keys = ("content", "tool_calls")
    return last.get("role") == "assistant" and all(
        dump(last.get(key)) == dump(reply.get(key)) for key in keys
    )
