"""ShareGPT: {"conversations": [{"from": "human", "value": "..."}]}, or `conversation`."""

from schemas.conversation import Conversation
from tasks.sources.envelope import places_of, read_conversation
from tasks.sources.json_text import JsonObject, unfold
from tasks.sources.messages import listed
from tasks.sources.training_rows import completed, labelled, renamed


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` has conversations, or a list under the name of one."""
    return "conversations" in record or isinstance(unfold(record.get("conversation")), list)


def read(record: JsonObject) -> Conversation:
    """Read every turn; of ranked replies the chosen one is the logged one.

    Raises:
        Unreadable: no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    items = listed(record.get("conversations", record.get("conversation")))
    turns = completed(record, [renamed(item) for item in items])
    return read_conversation(turns, places_of(labelled(record)))
