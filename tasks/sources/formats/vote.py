"""Vote: one record that says what a user thought of a chat logged elsewhere."""

from dataclasses import replace

from schemas.conversation import Vote
from tasks.sources.envelope import CONVERSATION_IDS, RECORD_TIMES, first_id, first_time
from tasks.sources.json_text import JsonObject
from tasks.sources.votes import VOTE_KEYS, votes_in

TARGETS = (
    "target_id",
    "conversation_id",
    "response_id",
    "message_id",
    *CONVERSATION_IDS,
    "request_id",
)
CHAT_KEYS = (
    *("messages", "conversations", "conversation", "request", "response", "choices", "chosen"),
    *("instruction", "prompt", "question", "query", "input", "turns"),
)


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` names a target and a verdict or comment, but holds no chat."""
    return (
        first_id([record], *TARGETS) is not None
        and any(key in record for key in (*VOTE_KEYS, "comment"))
        and not any(key in record for key in CHAT_KEYS)
    )


def read(record: JsonObject) -> list[Vote]:
    """Read one vote for each verdict; a record without any is a comment, or a vote taken back.

    Raises:
        Unreadable: bad_timestamp.
    """
    comment = record.get("comment") if isinstance(record.get("comment"), str) else None
    silent = Vote("comment" if comment else "thumb", None, comment=comment)
    target_id, vote_id = first_id([record], *TARGETS), first_id([record], "id", "vote_id")
    at, turn = first_time([record], *RECORD_TIMES), _turn(record.get("turn"))
    return [
        replace(vote, target_id=target_id, vote_id=vote_id, turn=turn, at=vote.at or at)
        for vote in votes_in(record) or [silent]
    ]


def _turn(value: object) -> int | None:
    """Return the 0-based user turn a vote names, or None."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    return None
