"""Replace what is private by placeholders that say what stood there, and whether it is the same."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from schemas.conversation import Conversation, Message, Unreadable, Vote
from tasks.redaction.readable import Readable, placeholders
from tasks.redaction.redactor import Redactor
from tasks.redaction.rules import BUILT_IN, Rules
from tasks.redaction.spans import Find

__all__ = ["Redactor", "redact_again", "redact_conversation", "redact_raw", "redact_texts"]

Change = Callable[[str], str]
Counts = dict[str, int]
_ROUNDS = 8


def redact_conversation(
    conversation: Conversation, rules: Rules = BUILT_IN
) -> tuple[Conversation, Counts]:
    """Redact all of a conversation but `user`, which the caller turns into a key.

    Returns it with the number of replacements by kind. The same value has the same placeholder
    in every message and field, so compute ids and join votes before.

    Raises:
        Unreadable: a private value cannot be cut out, as it is spread over parts or messages.
    """
    counts: Counts = {}
    everything = _texts(conversation)  # one look at all of it: most chats hold nothing
    if rules.may_find(everything):
        conversation, counts = _redact_all(conversation, everything, rules)
    _refuse_what_is_left(conversation.messages, rules)
    return conversation, counts


def redact_again(messages: list[Message], rules: Rules = BUILT_IN) -> tuple[list[Message], Counts]:
    """Redact the messages of a stored row by today's rules.

    Placeholders that are there stay, their numbers are not given to other values, and doing it
    again changes nothing.

    Raises:
        Unreadable: as of `redact_conversation`; the row must go.
    """
    redacted, counts = redact_conversation(Conversation(messages), rules)
    return redacted.messages, counts


def redact_texts(texts: Sequence[str], rules: Rules = BUILT_IN) -> tuple[list[str], Counts]:
    """Redact texts that belong together: one value, one placeholder in all of them."""
    redactor = Redactor(rules)
    for text in texts:
        redactor.reserve(text)
    redacted = [redactor.text(text) for text in texts]
    if redactor.counts:
        redactor.recall()
        redacted = [redactor.text(text) for text in redacted]
    return redacted, dict(redactor.counts)


def redact_raw(text: str, rules: Rules = BUILT_IN) -> tuple[str, Counts]:
    """Redact the text of a log record that nobody could read: JSON, broken JSON or anything.

    Escapes may hide a value; they are looked through, and kept where nothing was found.
    """
    redactor = Redactor(rules)
    redacted = redactor.json(text)
    if redactor.counts:
        redactor.recall()
        redacted = redactor.json(redacted)
    return redacted, dict(redactor.counts)


def _texts(conversation: Conversation) -> str:
    texts = [conversation.source_id, conversation.record_ref]
    texts += [conversation.session_id, conversation.model, conversation.tools]
    for message in conversation.messages:
        texts += [message["content"], message["name"], message["tool_call_id"]]
        texts += [message["parts"], message["tool_calls"]]
    for vote in conversation.votes:
        texts += [vote.kind, vote.target_id, vote.vote_id, vote.comment]
    return "\n".join(filter(None, texts))


def _redact_all(
    conversation: Conversation, everything: str, rules: Rules
) -> tuple[Conversation, Counts]:
    redactor = Redactor(rules)
    redactor.reserve(everything)
    redacted = _redact_fields(conversation, redactor)
    if not redactor.counts:
        return conversation, {}
    redactor.recall()
    redacted = _settled(redacted, redactor)
    messages = [_without_torn_parts(message) for message in redacted.messages]
    return replace(redacted, messages=messages), dict(redactor.counts)


def _settled(redacted: Conversation, redactor: Redactor) -> Conversation:
    """Read everything once more, until nothing more is found in any field."""
    for _ in range(_ROUNDS):
        before, redacted = redacted, _redact_fields(redacted, redactor)
        if redacted == before:
            return redacted
    raise Unreadable("private_left", "every cut shows another private value")


def _redact_fields(conversation: Conversation, redactor: Redactor) -> Conversation:
    text = redactor.text
    return replace(
        conversation,
        messages=[_redact_message(message, redactor) for message in conversation.messages],
        source_id=_present(text, conversation.source_id),
        record_ref=_present(text, conversation.record_ref),
        session_id=_present(text, conversation.session_id),
        model=_present(text, conversation.model),
        tools=_present(redactor.json, conversation.tools),
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


def _refuse_what_is_left(messages: Sequence[Message], rules: Rules) -> None:
    """Read what is going to be stored across the borders of parts and messages."""
    kinds = {find.kind for view in _views_across(messages) for find in _finds(view, rules)}
    if kinds:
        shown = ", ".join(sorted(kinds))
        raise Unreadable("private_left", f"{shown} spread over several parts or messages")


def _views_across(messages: Sequence[Message]) -> Iterator[str]:
    """Yield parts run together, and messages that one side sent in a row, or holding half a key."""
    if len(messages) == 1 and not messages[0]["parts"]:
        return
    for message in messages:
        if message["parts"] and '"text"' in message["parts"]:
            texts = list(_texts_of_parts(message["parts"]))
            yield from ["".join(texts)] if len(texts) > 1 else []
    for _, said in groupby(messages, key=lambda message: message["role"]):
        contents = [message["content"] for message in said]
        yield from ["\n".join(contents)] if len(contents) > 1 else []
    contents = [message["content"] for message in messages]
    if any("PRIVATE KEY" in content for content in contents):
        yield "\n".join(contents)


def _texts_of_parts(parts: str) -> Iterator[str]:
    try:
        listed = json.loads(parts)
    except ValueError:
        return
    for part in listed if isinstance(listed, list) else []:
        if isinstance(part, dict) and isinstance(part.get("text"), str):
            yield part["text"]


def _finds(text: str, rules: Rules) -> list[Find]:
    return rules.find(Readable(text).text) if rules.may_find(text) else []


def _present(change: Change, text: str | None) -> str | None:
    return None if text is None else change(text)
