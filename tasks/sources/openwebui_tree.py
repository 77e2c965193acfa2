"""The messages of an Open WebUI chat: a tree, of which one branch was shown."""

from tasks.sources.json_text import JsonObject, as_object
from tasks.sources.messages import listed


def chat_in(record: JsonObject) -> JsonObject:
    """Return the chat in its row of the export, or the record where that is the chat itself."""
    return as_object(record.get("chat")) or record


def tree_of(chat: JsonObject) -> JsonObject:
    """Return the messages by id; {} for what is no such chat."""
    return as_object(as_object(chat.get("history")).get("messages"))


def shown_branch(chat: JsonObject) -> list[JsonObject]:
    """Return the branch that ends in the current message, else what the chat lists.

    Raises:
        Unreadable: no_messages.
    """
    known, current = tree_of(chat), as_object(chat.get("history")).get("currentId")
    branch: dict[str, JsonObject] = {}
    while isinstance(current, str) and current in known and current not in branch:
        branch[current] = {"id": current, **as_object(known[current])}
        current = branch[current].get("parentId")
    messages = [*branch.values()][::-1] or listed(chat.get("messages") or [*known.values()])
    return [as_object(message) for message in messages]
