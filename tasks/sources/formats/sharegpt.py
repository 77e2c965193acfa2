"""ShareGPT: {"conversations": [{"from": "human", "value": "..."}]}."""

from schemas.conversation import Conversation
from tasks.sources.envelope import places_of, read_conversation
from tasks.sources.json_text import JsonObject
from tasks.sources.messages import listed


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` has conversations."""
    return "conversations" in record


def read(record: JsonObject) -> Conversation:
    """Read every turn; of ranked replies (`chosen`, `rejected`) the chosen one is the logged one.

    Raises:
        Unreadable: no_messages, bad_role, no_user_turn, bad_timestamp.
    """
    items = listed(record["conversations"])
    if isinstance(record.get("chosen"), dict):
        items = [*items, record["chosen"]]
    return read_conversation([_message(item) for item in items], places_of(record))


def _message(item: object) -> object:
    """Rename from and value."""
    if not isinstance(item, dict) or "from" not in item:
        return item
    return item | {"role": item["from"], "content": item.get("value")}
