"""Messages: {"messages": [{"role", "content", ...}]}, as fine-tuning files have them."""

from schemas.conversation import Conversation
from tasks.sources.envelope import places_of, read_conversation, with_thread
from tasks.sources.json_text import JsonObject, unfold
from tasks.sources.messages import listed
from tasks.sources.training_rows import completed, is_pair, labelled


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` has messages, or two chats of which one was preferred."""
    return "messages" in record or is_pair(record)


def read(record: JsonObject) -> Conversation:
    """Read the messages as they stand; ids, times, model, user and votes are optional.

    Of two replies the chosen one is the logged one; the other stays among its parts.

    Raises:
        Unreadable: no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    pair = is_pair(record) and "messages" not in record
    items = _asked(record) if pair else listed(record["messages"])
    places = places_of(labelled(record))
    return with_thread(read_conversation(completed(record, items), places), places)


def _asked(record: JsonObject) -> list[object]:
    """Return the messages before the two replies, where they are not part of both."""
    asked = unfold(record.get("prompt"))
    return asked if isinstance(asked, list) else []
