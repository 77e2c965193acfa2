"""What users of Open WebUI thought: the annotation of a message, and the exported feedback."""

from collections.abc import Sequence
from datetime import datetime

from schemas.conversation import Unreadable, Vote
from tasks.sources.envelope import first_id, first_time
from tasks.sources.json_text import JsonObject, as_object
from tasks.sources.openwebui_tree import chat_in, shown_branch, tree_of
from tasks.sources.votes import number

_TIMES = ("updated_at", "created_at")


def is_feedback(record: JsonObject) -> bool:
    """Tell the record of a rating: what was thought in `data`, of which message in `meta`."""
    return bool(as_object(record.get("data"))) and "message_id" in as_object(record.get("meta"))


def annotations(shown: Sequence[JsonObject]) -> list[Vote]:
    """Read the ratings of the messages of a branch."""
    votes: list[Vote] = []
    for place, message in enumerate(shown):
        annotation = as_object(message.get("annotation"))
        vote_id = first_id([annotation, message], "feedbackId")
        votes += _opinions(annotation, vote_id=vote_id, turn=_turn(shown[:place]))
    return votes


def feedback(record: JsonObject) -> list[Vote]:
    """Read a feedback; `target_id` and `turn` are what `apart` found out.

    Raises:
        Unreadable: bad_timestamp.
    """
    data, meta = as_object(record.get("data")), as_object(record.get("meta"))
    details = as_object(record.get("details")) or as_object(data.get("details"))
    vote_id, at = first_id([record], "id"), first_time([record], *_TIMES)
    target_id = first_id([record, meta], "target_id", "message_id", "chat_id")
    turn = record["turn"] if "turn" in record else _turn_at(meta.get("message_index"))
    found = _opinions(
        {**data, "details": details}, vote_id=vote_id, turn=turn, target_id=target_id, at=at
    )
    return found or [Vote("thumb", None, target_id=target_id, vote_id=vote_id, turn=turn, at=at)]


def apart(record: JsonObject) -> list[JsonObject] | None:
    """Return the chat that a feedback shows, and the feedback about a turn of it.

    A rating of a reply that is not on the branch shown is about that message, and no turn.
    """
    chat = _snapshot(record) if is_feedback(record) else {}
    if not tree_of(chat_in(chat)):
        return None
    try:
        shown = shown_branch(chat_in(chat))
    except Unreadable:
        return None
    rest = {key: value for key, value in record.items() if key != "snapshot"}
    rated = first_id([as_object(record.get("meta"))], "message_id")
    ids = [first_id([message], "id") for message in shown]
    if rated not in ids:
        return [chat, {**rest, "target_id": rated, "turn": None}]
    return [chat, {**rest, "turn": _turn(shown[: ids.index(rated)])}]


def _snapshot(record: JsonObject) -> JsonObject:
    """Return the chat as an export has it; older versions spread it over the snapshot."""
    snapshot = as_object(record.get("snapshot"))
    row = as_object(snapshot.get("chat"))
    if tree_of(chat_in(row)) or "history" not in snapshot:
        return row
    return {**row, "chat": {key: value for key, value in snapshot.items() if key != "chat"}}


def _opinions(
    rated: JsonObject,
    *,
    vote_id: str | None,
    turn: int | None,
    target_id: str | None = None,
    at: datetime | None = None,
) -> list[Vote]:
    """Read a thumb, 1 or -1, with why it was given, and the mark from 1 to 10 beside it."""
    said = [rated.get("reason"), rated.get("comment")]
    comment = "\n".join(text for text in said if isinstance(text, str) and text) or None
    thumb = number(rated.get("rating"))
    mark = number(as_object(rated.get("details")).get("rating"))
    values = {"thumb": None if thumb is None else float(thumb > 0), "rating": mark}
    return [
        Vote(kind, value, target_id, vote_id, turn, comment if kind == "thumb" else None, at)
        for kind, value in values.items()
        if value is not None or (kind == "thumb" and comment)
    ]


def _turn(before: Sequence[JsonObject]) -> int | None:
    """Return the number of the last user turn, from 0 on."""
    turns = sum(message.get("role") == "user" for message in before)
    return turns - 1 if turns else None


def _turn_at(index: object) -> int | None:
    """Return the user turn before the n-th message of a chat in which user and model alternate."""
    return index // 2 - 1 if isinstance(index, int) and 2 <= index < 2**31 else None
