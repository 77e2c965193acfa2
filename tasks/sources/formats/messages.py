"""Messages: {"messages": [{"role", "content", ...}]}, as fine-tuning files have them."""

from schemas.conversation import Conversation
from tasks.sources.envelope import places_of, read_conversation, with_thread
from tasks.sources.json_text import JsonObject
from tasks.sources.messages import listed


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` has messages."""
    return "messages" in record


def read(record: JsonObject) -> Conversation:
    """Read the messages as they stand; ids, times, model, user and votes are optional.

    Raises:
        Unreadable: no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    places = places_of(record)
    return with_thread(read_conversation(listed(record["messages"]), places), places)
