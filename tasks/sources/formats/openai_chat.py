"""Calls of a chat model as a proxy logs them: {"request", "response"}, or both in one object."""

from schemas.conversation import Conversation, Unreadable
from tasks.sources.envelope import first_id, places_of, read_conversation, with_thread
from tasks.sources.http_log import body_of, header_place, is_failure
from tasks.sources.json_text import JsonObject, as_object, unfold
from tasks.sources.openai_reply import reply_messages, same_message, whole_response
from tasks.sources.openai_request import ASKED, INSTRUCTIONS, asked, conversation_place, is_chat
from tasks.sources.openai_stream import is_chunk, sse_chunks

REPLIES = ("response", "completion", "output")
REPLY_KEYS = (*REPLIES, "choices", "error")


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` holds a request, a reply, or the reply to its messages."""
    return (
        "request" in record
        or "choices" in record
        or ("custom_id" in record and ("body" in record or "response" in record))
        or (record.get("object") == "response" and "output" in record)
        or ("messages" in record and any(key in record for key in REPLY_KEYS))
    )


def read(record: JsonObject) -> Conversation:
    """Read the messages that were sent, and the reply after them.

    A failed call keeps its messages: what the user asked can still be answered. So does one
    whose stream broke off; the piece of an answer that came is none, and is left out.

    Raises:
        Unreadable: unknown_format (no chat), error_record, no_messages, bad_role, no_user_turn,
            bad_timestamp.
    """
    request, response = _request(record), whole_response(_response(record))
    items = _asked(record, request, response)
    refused = any(map(is_failure, _answers(record, response)))
    replies = [] if refused else reply_messages(response)
    places = _places(record, request, response)
    record_ref = first_id([as_object(response)], "id")
    conversation = read_conversation(_with(items, replies), places, record_ref=record_ref)
    return with_thread(conversation, places)


def split(record: JsonObject) -> list[JsonObject] | None:
    """Return the calls that a cassette of recorded HTTP traffic holds."""
    calls = record.get("interactions")
    if not isinstance(calls, list):
        return None
    known = all(isinstance(call, dict) and "request" in call for call in calls)
    return calls if known else None


def _request(record: JsonObject) -> JsonObject:
    """Return the body that was sent; what it lacks may stand beside it."""
    sent = body_of(record.get("request", record.get("body")))
    beside = {key: record[key] for key in (*ASKED, *INSTRUCTIONS) if record.get(key)}
    return {**beside, **(sent if isinstance(sent, dict) else {})}


def _response(record: JsonObject) -> object:
    """Return the body that came back; as text where only the reply's text was logged."""
    if record.get("object") == "response":
        return record
    value = next((record[key] for key in REPLIES if record.get(key)), None)
    if value is None:
        return {key: record[key] for key in REPLY_KEYS if key in record}
    if isinstance(value, str) and not _is_response(unfold(value)):
        return value  # a reply that happens to be JSON is still a reply
    body = body_of(value)
    if isinstance(body, str) and not sse_chunks(body):
        return {}  # a page in place of an answer
    return body


def _is_response(value: object) -> bool:
    if isinstance(value, list):
        return any(map(is_chunk, value))
    return isinstance(value, dict) and any(key in value for key in ("choices", "error", "body"))


def _answers(record: JsonObject, response: object) -> list[JsonObject]:
    """List the places that may say how the call went."""
    return [record, as_object(record.get("response")), as_object(response)]


def _asked(record: JsonObject, request: JsonObject, response: object) -> list[object]:
    address = first_id([record, as_object(record.get("request"))], "url", "uri", "path")
    if not is_chat(address, response):
        raise Unreadable("unknown_format", "openai: this call is for no chat model")
    try:
        return asked(request)
    except Unreadable as problem:
        raise _no_prompt(record, response) or problem from None


def _no_prompt(record: JsonObject, response: object) -> Unreadable | None:
    """Say what a record without a prompt is, where there is more to say than that."""
    if "custom_id" in record and "response" in record:
        detail = "the output of a batch holds no prompts: pull the batch's input file as well"
        return Unreadable("no_messages", detail)
    answers = _answers(record, response)
    if any(is_failure(place) or place.get("error") for place in answers):
        return Unreadable("error_record", "an error without the messages that led to it")
    if not record.keys() & {"request", "body", *ASKED}:
        return Unreadable("no_messages", "a reply without the messages that led to it")
    return None


def _places(record: JsonObject, request: JsonObject, response: object) -> list[JsonObject]:
    """List where ids, times and the like may stand: what is said of the call goes first."""
    logged = as_object(record.get("response"))
    sent = [*places_of(request), conversation_place(request)]
    headers = [header_place(logged), header_place(record.get("request"))]
    return [*places_of(record), as_object(response), *sent, logged, *headers]


def _with(items: list[object], replies: list[object]) -> list[object]:
    """Put the reply after the messages, or in the place of it that is there already."""
    if not replies or not same_message(items[-1], replies[0]):
        return [*items, *replies]
    merged = {**as_object(items[-1]), **as_object(replies[0])}
    return [*items[:-1], merged, *replies[1:]]
