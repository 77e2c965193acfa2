"""Refuse conversations that nobody could answer, whatever format they came in.

Much is allowed, because real logs have it: an assistant that greets first, two user messages in
a row, a chat that ends with the user.
"""

from collections.abc import Sequence

from schemas.conversation import Conversation, Message, Unreadable


def checked(found: Conversation) -> Conversation:
    """Return a conversation that has something from a user, and tool results behind their calls.

    Raises:
        Unreadable: no_user_turn, empty_messages, roles_out_of_order.
    """
    said = [message for message in found.messages if message["role"] == "user"]
    if not said:
        raise Unreadable("no_user_turn", f"none of {len(found.messages)} messages is from a user")
    if not any(message["content"].strip() or message["parts"] for message in said):
        raise Unreadable("empty_messages", f"{len(said)} messages from the user, all empty")
    orphan = _orphan(found.messages)
    if orphan is not None:
        raise Unreadable(
            "roles_out_of_order", f"message {orphan} is a tool's, and no assistant came before it"
        )
    return found


def _orphan(messages: Sequence[Message]) -> int | None:
    """Return the 1-based place of a tool result that nobody can have called for."""
    roles = [message["role"] for message in messages]
    first = roles.index("tool") if "tool" in roles else len(roles)
    return first + 1 if "tool" in roles and "assistant" not in roles[:first] else None
