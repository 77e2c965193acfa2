"""OpenAssistant: trees of messages, taken apart into chats that together hold every user turn."""

from schemas.conversation import Conversation, Unreadable
from tasks.sources.envelope import read_conversation
from tasks.sources.json_text import JsonObject, as_object

REFUSED = ("aborted_low_grade", "halted_by_moderator")  # states of a tree that people threw out


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` is a tree, or a path through one."""
    return "message_tree_id" in record and bool(as_object(record.get("prompt")) or "path" in record)


def split(record: JsonObject) -> list[JsonObject] | None:
    """Return the least paths that hold every user turn: to each with no other below it.

    A path ends with the best ranked reply to its last user turn. A message that was deleted or
    failed review is left out with all below it; so is a tree that was thrown out.
    """
    root = as_object(record.get("prompt"))
    if "message_tree_id" not in record or not root:
        return None
    rest = {key: value for key, value in record.items() if key != "prompt"}
    paths = [] if record.get("tree_state") in REFUSED else _paths(root, [])
    return [{**rest, "path": path} for path in paths]


def read(record: JsonObject) -> Conversation:
    """Read a path, named after its tree and its last user turn; of a tree, the first path.

    Raises:
        Unreadable: no_user_turn, bad_role, bad_timestamp.
    """
    first: JsonObject = next(iter(split(record) or []), record)
    path = first.get("path")
    items = [_message(as_object(node)) for node in path] if isinstance(path, list) else []
    asked = [item for item in items if item["role"] == "prompter"]
    if not asked:
        state = str(record.get("tree_state"))[:40]
        raise Unreadable("no_user_turn", f"nothing is left of a tree in the state {state!r}")
    tree = {"session_id": record["message_tree_id"]}
    name = {"conversation_id": f"{record['message_tree_id']}/{asked[-1]['id']}"}
    return read_conversation(items, [name, tree, items[-1]])


def _paths(node: JsonObject, before: list[JsonObject]) -> list[list[JsonObject]]:
    if not _stands(node):
        return []
    path = [*before, _bare(node)]
    replies = [reply for reply in _replies(node) if _stands(reply)]
    below = [longer for reply in replies for longer in _paths(reply, path)]
    if below or node.get("role") != "prompter":
        return below
    best = sorted(replies, key=_rank)[:1]
    return [[*path, *map(_bare, best)]]


def _bare(node: JsonObject) -> JsonObject:
    return {key: value for key, value in node.items() if key != "replies"}


def _stands(message: JsonObject) -> bool:
    return not message.get("deleted") and message.get("review_result") is not False


def _replies(node: JsonObject) -> list[JsonObject]:
    replies = node.get("replies")
    return [as_object(reply) for reply in replies] if isinstance(replies, list) else []


def _rank(reply: JsonObject) -> float:
    """Return the place that raters gave a reply, 0 for the best; unrated ones come last."""
    rank = reply.get("rank")
    return rank if isinstance(rank, int | float) else float("inf")


def _message(node: JsonObject) -> JsonObject:
    return {
        "id": node.get("message_id"),
        "role": node.get("role"),
        "content": node.get("text"),
        "created_at": node.get("created_date"),
        "model": node.get("model_name"),
    }
