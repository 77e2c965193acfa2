"""Find what the model was asked in a logged request, whichever API it was meant for."""

from tasks.sources.json_text import JsonObject, unfold
from tasks.sources.messages import listed
from tasks.sources.response_items import item_messages

ASKED = ("messages", "input", "prompt")
INSTRUCTIONS = ("instructions", "system")
_OTHER_CALLS = ("embeddings", "moderations", "images", "audio", "rerank")
_OTHER_REPLIES = ("data", "results")


def asked(request: JsonObject) -> list[object]:
    """Return the messages of a request, its instructions first.

    They stand in `messages` (chat completions), `input` (Responses API) or `prompt` (completions
    of text). A list that is JSON text is one all the same.

    Raises:
        Unreadable: no_messages.
    """
    found = next((request[key] for key in ASKED if request.get(key)), None)
    if isinstance(found, str) and isinstance(unfold(found), str):
        return [*_instructions(request), {"role": "user", "content": found}]
    return [*_instructions(request), *item_messages(listed(found))]


def is_chat(address: object, response: object) -> bool:
    """Tell a chat from calls for embeddings and the like, which may have an `input` as well."""
    if isinstance(address, str) and any(word in address for word in _OTHER_CALLS):
        return False
    reply = response if isinstance(response, dict) else {}
    return not any(isinstance(reply.get(key), list) for key in _OTHER_REPLIES)


def conversation_place(request: JsonObject) -> JsonObject:
    """Return the id of a conversation that the server keeps (Responses API)."""
    found = request.get("conversation")
    return {"conversation_id": found.get("id") if isinstance(found, dict) else found}


def _instructions(request: JsonObject) -> list[JsonObject]:
    found = next((request[key] for key in INSTRUCTIONS if request.get(key)), None)
    return [{"role": "system", "content": found}] if isinstance(found, str | list) else []
