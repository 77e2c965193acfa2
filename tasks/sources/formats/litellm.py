"""LiteLLM: the standard logging payload of its callbacks, and the spend log of its proxy."""

from schemas.conversation import Conversation, Unreadable
from tasks.sources.envelope import first_id
from tasks.sources.formats import openai_chat
from tasks.sources.json_text import JsonObject, as_object, unfold
from tasks.sources.openai_request import ASKED

HIDDEN = "redacted-by-litellm"  # stands in the place of every text
CUT = "(litellm_truncated skipped "  # stands in the middle of a text
USERS = ("user_api_key_end_user_id", "user", "user_api_key_user_id")
_OTHER_CALLS = (
    *("embedding", "moderation", "image", "video", "transcription", "speech", "rerank", "ocr"),
    *("search", "file", "batch", "mcp"),
)


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` is a payload or a row of the spend log, or holds a payload."""
    payload = _payload(record)
    return {"call_type", "startTime"} <= payload.keys() and any(
        key in payload for key in ("request_tags", "custom_llm_provider", "spend")
    )


def read(record: JsonObject) -> Conversation:
    """Read one call; a failed one keeps its prompt.

    Calls of one session or trace are versions of one conversation as long as they begin alike.

    Raises:
        Unreadable: prompts_not_logged when LiteLLM was told to leave prompts out, hide or cut
            them; unknown_format for calls of models that do not chat; and what openai raises.
    """
    payload = _payload(record)
    call_type = str(payload.get("call_type"))
    if any(word in call_type for word in _OTHER_CALLS):
        raise Unreadable("unknown_format", f"litellm: the call type {call_type[:40]!r} is no chat")
    request, response = _request(payload), unfold(payload.get("response"))
    conversation = openai_chat.read(_call(payload, request, response))
    _check(conversation)
    return conversation


def _payload(record: JsonObject) -> JsonObject:
    return as_object(record.get("standard_logging_object")) or record


def _request(payload: JsonObject) -> JsonObject:
    """Return what was asked; newer spend logs have it as the proxy received it.

    Raises:
        Unreadable: prompts_not_logged.
    """
    sent = as_object(payload.get("proxy_server_request"))
    sent = as_object(sent.get("body")) or sent
    asked = unfold(payload.get("messages"))
    request = {**sent, **as_object(payload.get("model_parameters"))}
    if asked:
        request = {key: request[key] for key in request if key not in ASKED} | {"messages": asked}
    if not any(unfold(request.get(key)) for key in ASKED):
        raise Unreadable(
            "prompts_not_logged",
            "LiteLLM stored this call without its messages; set store_prompts_in_spend_logs: true "
            "under general_settings of its config and pull what is logged from then on",
        )
    return request


def _call(payload: JsonObject, request: JsonObject, response: object) -> JsonObject:
    """Return the call as a proxy for OpenAI's API would log it."""
    metadata = as_object(payload.get("metadata"))
    end_user = first_id([payload], "end_user")
    return {
        "id": first_id([payload], "id", "request_id"),
        "session_id": first_id([payload], "session_id", "trace_id"),
        "timestamp": payload.get("startTime"),
        "model": payload.get("model"),
        "user": end_user or first_id([metadata, payload], *USERS),
        "metadata": as_object(metadata.get("requester_metadata")),
        "request": request,
        "response": None if _hidden(response) else response or None,
        "status": payload.get("status"),
        "error": payload.get("error_str"),
    }


def _hidden(response: object) -> bool:
    """Tell a reply whose text is hidden or cut: it is not what the user saw."""
    text = str(response)
    return HIDDEN in text or CUT in text


def _check(conversation: Conversation) -> None:
    """Refuse prompts that are not what the user wrote.

    Raises:
        Unreadable: prompts_not_logged.
    """
    texts = [message["content"] for message in conversation.messages]
    if HIDDEN in texts:
        raise Unreadable(
            "prompts_not_logged",
            "LiteLLM hid the text of this call; set turn_off_message_logging: false under "
            "litellm_settings of its config and pull what is logged from then on",
        )
    if any(CUT in text for text in texts):
        raise Unreadable(
            "prompts_not_logged",
            "LiteLLM cut out the middle of a long text; start its proxy with a larger "
            "MAX_STRING_LENGTH_PROMPT_IN_DB and pull what is logged from then on",
        )
