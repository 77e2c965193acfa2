"""Replace what is private by placeholders that say what stood there, and whether it is the same."""

from collections.abc import Callable
from dataclasses import replace

from schemas.conversation import Conversation, Message, Vote
from tasks.redaction.readable import placeholders
from tasks.redaction.redactor import Redactor

__all__ = ["Redactor", "redact_conversation", "redact_raw"]

Change = Callable[[str], str]


def redact_conversation(conversation: Conversation) -> tuple[Conversation, dict[str, int]]:
    """Redact all of a conversation but `user`, which the caller turns into a key.

    Returns it with the number of replacements by kind. The same value has the same placeholder
    in every message and field, so compute ids and join votes before.
    """
    redactor = Redactor()
    redactor.reserve(repr(conversation))
    redacted = _redact_fields(conversation, redactor)
    if redactor.counts:
        redactor.recall()
        redacted = _redact_fields(redacted, redactor)
    messages = [_without_torn_parts(message) for message in redacted.messages]
    return replace(redacted, messages=messages), dict(redactor.counts)


def redact_raw(text: str) -> tuple[str, dict[str, int]]:
    """Redact the text of a log record that nobody could read: JSON, broken JSON or anything.

    Escapes may hide a value; they are looked through, and kept where nothing was found.
    """
    redactor = Redactor()
    redacted = redactor.json(text)
    if redactor.counts:
        redactor.recall()
        redacted = redactor.json(redacted)
    return redacted, dict(redactor.counts)


def _redact_fields(conversation: Conversation, redactor: Redactor) -> Conversation:
    text = redactor.text
    return replace(
        conversation,
        messages=[_redact_message(message, redactor) for message in conversation.messages],
        source_id=_present(text, conversation.source_id),
        record_ref=_present(text, conversation.record_ref),
        session_id=_present(text, conversation.session_id),
        model=_present(text, conversation.model),
        votes=[_redact_vote(vote, text) for vote in conversation.votes],
    )


def _redact_message(message: Message, redactor: Redactor) -> Message:
    return {
        "role": message["role"],
        "content": redactor.text(message["content"]),
        "parts": _present(redactor.json, message["parts"]),
        "name": _present(redactor.text, message["name"]),
        "tool_call_id": _present(redactor.text, message["tool_call_id"]),
        "tool_calls": _present(redactor.json, message["tool_calls"]),
    }


def _redact_vote(vote: Vote, text: Change) -> Vote:
    return replace(
        vote,
        kind=text(vote.kind),
        target_id=_present(text, vote.target_id),
        vote_id=_present(text, vote.vote_id),
        comment=_present(text, vote.comment),
    )


def _without_torn_parts(message: Message) -> Message:
    """Drop the parts of a message if a value shows only in their joined text: they hold pieces."""
    shown = placeholders(message["content"])
    if message["parts"] is None or shown <= placeholders(message["parts"]):
        return message
    return {**message, "parts": None}


def _present(change: Change, text: str | None) -> str | None:
    return None if text is None else change(text)
