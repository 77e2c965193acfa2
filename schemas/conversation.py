"""What every log format is turned into: a conversation, a vote, or a reason why it is neither."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypedDict


class Message(TypedDict):
    """One message, with the keys of the `messages` column everywhere in the store."""

    role: str
    content: str  # always plain text; when `parts` is set, the text of the parts
    parts: str | None  # JSON text of the original content parts, when content was not a string
    name: str | None
    tool_call_id: str | None
    tool_calls: str | None  # JSON text of the assistant's tool calls


def text_message(role: str, content: str) -> Message:
    """Return a message that is nothing but text."""
    return Message(
        role=role, content=content, parts=None, name=None, tool_call_id=None, tool_calls=None
    )


@dataclass(frozen=True, slots=True)
class Vote:
    """One sign of what a user thought."""

    kind: str  # thumb, rating, metric name, demonstration, edit ...
    value: float | None  # 1.0 / 0.0 for thumbs; as logged for ratings and rewards
    target_id: str | None = None  # id of a record or session; None = the conversation it came with
    vote_id: str | None = None  # the log's own id of the vote
    turn: int | None = None  # 0-based user turn; None = the whole conversation
    comment: str | None = None
    at: datetime | None = None
    within_id: str | None = None  # id of the wider unit, where target_id may be unknown


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation as one log record shows it: redaction has not happened yet."""

    messages: list[Message]
    source_id: str | None = None  # the log's id of the conversation; versions of it share it
    thread: str | None = None  # tells apart conversations that were logged under one source_id
    record_ref: str | None = None  # the log's id of this record, which votes may name
    more_refs: tuple[str, ...] = ()  # its other ids: a record, a call and a reply have their own
    turn_refs: tuple[tuple[str, int], ...] = ()  # ids of single messages, with their user turn
    session_id: str | None = None  # a wider unit that votes may name (TensorZero's episode)
    started_at: datetime | None = None  # UTC, first user turn
    updated_at: datetime | None = None  # UTC, last sign of life in this record
    model: str | None = None
    user: str | None = None
    tools: str | None = None  # JSON text of the tools that the model was offered
    votes: list[Vote] = field(default_factory=list)

    @property
    def record_refs(self) -> tuple[str, ...]:
        """Every id of this record that votes may name."""
        return (*([self.record_ref] if self.record_ref else []), *self.more_refs)


QuarantineReason = Literal[
    "bad_encoding",
    "truncated",  # the file ends before its last record does
    "invalid_json",
    "not_an_object",
    "unknown_format",
    "prompts_not_logged",  # a log that was told to leave out what users said
    "no_messages",
    "empty_messages",
    "no_user_turn",
    "bad_role",
    "roles_out_of_order",
    "bad_timestamp",
    "error_record",
    "oversize",
    "private_left",  # a private value that could not be cut out
]


class Unreadable(Exception):
    """A log record that cannot become a conversation: one row of `quarantine`."""

    def __init__(self, reason: QuarantineReason, detail: str) -> None:
        """Keep the reason (a closed list) apart from the detail (free text, redacted later)."""
        super().__init__(f"{reason}: {detail}")
        self.reason: QuarantineReason = reason
        self.detail = detail
