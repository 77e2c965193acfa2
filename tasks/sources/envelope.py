"""Read what stands around the messages of a record: ids, times, model, user, votes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from itertools import accumulate

from schemas.conversation import Conversation, Unreadable, Vote
from tasks.sources.json_text import JsonObject, as_object, dump, unfold
from tasks.sources.messages import read_messages
from tasks.sources.threads import first_words
from tasks.sources.timestamps import to_utc
from tasks.sources.votes import votes_in

CONVERSATION_IDS = ("conversation_id", "session_id", "thread_id", "chat_id", "conversation_hash")
RECORD_IDS = ("id", "request_id", "response_id")
RECORD_TIMES = (
    "timestamp",
    "created_at",
    "createdAt",
    "start_time",
    "startTime",
    "ts",
    "tstamp",
    "created",
)
SESSION_STARTS = ("conversation_started_at", "session_started_at")
USERS = ("user", "user_id", "end_user", "safety_identifier")
TOOLS = ("tools", "functions")


def places_of(record: JsonObject) -> list[JsonObject]:
    """List where a record's ids, times and votes may stand: at its top, in its metadata."""
    return [record, as_object(record.get("metadata"))]


def read_conversation(
    items: Sequence[object], places: Sequence[JsonObject], *, record_ref: str | None = None
) -> Conversation:
    """Read a conversation from its messages and from `places`, the first of which wins.

    source_id is the conversation's id, else the record's own. Votes may stand in the first two
    places and at single messages. `record_ref` is given where votes name another id.

    Raises:
        Unreadable: bad_role, no_user_turn, bad_timestamp.
    """
    messages = read_messages(items)
    if not any(message["role"] == "user" for message in messages):
        raise Unreadable("no_user_turn", f"none of {len(messages)} messages is from a user")
    roles = [message["role"] for message in messages]
    record_id = next(filter(None, (first_id([place], *RECORD_IDS) for place in places)), None)
    source_id = first_id(places, *CONVERSATION_IDS) or record_id
    session_id = first_id(places, "session_id")
    refs = _refs(places, record_ref or record_id)
    started_at, updated_at = _times(items, roles, places)
    return Conversation(
        messages=messages,
        source_id=source_id,
        record_ref=refs[0] if refs else None,
        more_refs=refs[1:],
        turn_refs=_turn_refs(items, roles),
        session_id=session_id if session_id != source_id else None,
        started_at=started_at,
        updated_at=updated_at,
        model=first_id(places, "model"),
        user=first_id(places, *USERS),
        tools=_tools(places),
        votes=[
            *(vote for place in places[:2] for vote in votes_in(place)),
            *_message_votes(items, roles),
        ],
    )


def with_thread(conversation: Conversation, places: Sequence[JsonObject]) -> Conversation:
    """Tell apart what is logged under one conversation id by its first user turn.

    Records that repeat the history begin alike, and are versions of one conversation. Those that
    hold one exchange each begin anew; as versions, the latest would take the place of all others
    and their prompts were lost.
    """
    if first_id(places, *CONVERSATION_IDS) is None:
        return conversation
    return replace(conversation, thread=first_words(conversation.messages))


def first_time(places: Sequence[JsonObject], *names: str) -> datetime | None:
    """Return the first time given, or None; names go before places.

    Raises:
        Unreadable: bad_timestamp.
    """
    found = (place.get(name) for name in names for place in places)
    return to_utc(next((value for value in found if value not in (None, "")), None))


def first_id(places: Sequence[JsonObject], *names: str) -> str | None:
    """Return the first non-empty text or whole number, as text; names go before places."""
    for name in names:
        for place in places:
            value = place.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                return str(value)
    return None


def _turn_refs(items: Sequence[object], roles: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """List the ids of messages, each with the user turn it belongs to: votes may name them."""
    turns = accumulate(role == "user" for role in roles)
    ids = (first_id([as_object(item)], "id", "message_id") for item in items)
    return tuple((id_, turn - 1) for id_, turn in zip(ids, turns, strict=True) if id_ and turn)


def _refs(places: Sequence[JsonObject], first: str | None) -> tuple[str, ...]:
    """List the ids of the record, of the call and of the reply: votes may name any of them."""
    ids = (first_id([place], name) for place in places for name in RECORD_IDS)
    return tuple(dict.fromkeys(filter(None, (first, *ids))))


def _tools(places: Sequence[JsonObject]) -> str | None:
    found = (unfold(place.get(name)) for place in places for name in TOOLS)
    tools = next((value for value in found if value and isinstance(value, list)), None)
    return dump(tools) if tools else None


def _times(
    items: Sequence[object], roles: Sequence[str], places: Sequence[JsonObject]
) -> tuple[datetime | None, datetime | None]:
    """Return the time of the first user turn and that of the last sign of life."""
    own = [first_time([as_object(item)], *RECORD_TIMES) for item in items]
    record_time = first_time(places, *RECORD_TIMES)
    first_turn = own[roles.index("user")]
    started_at = first_turn or first_time(places, *SESSION_STARTS) or record_time
    last_turn = max((time for time in own if time), default=None)
    return started_at, first_time(places, "updated_at", "updatedAt") or record_time or last_turn


def _message_votes(items: Sequence[object], roles: Sequence[str]) -> list[Vote]:
    """Read votes at messages; a vote at a reply is about the user turn before it."""
    votes, turn = [], -1
    for item, role in zip(items, roles, strict=True):
        turn += role == "user"
        votes += votes_in(as_object(item), turn=turn if turn >= 0 else None)
    return votes
