"""Turn log records into rows of the store, redacted; say of every record what it became."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from schemas.conversation import Conversation, Unreadable, Vote
from schemas.settings import SourceSettings
from tasks.control_tokens import TRAIT, harmless, harmless_json
from tasks.intake.ids import hashed, user_key
from tasks.intake.manifest import NewBytes
from tasks.language import languages
from tasks.redaction.redact import Redactor, redact_conversation, redact_raw
from tasks.redaction.rules import Rules
from tasks.sources import format_of, read_record, split_record
from tasks.sources.json_text import canonical
from tasks.sources.records import RawRecord, read_records

SLICE = 5_000  # records held in memory, and written in one transaction
SLICE_BYTES = 64_000_000  # the same, in bytes as logged
_PAYLOAD_CHARS = 10_000
_LANGUAGE_CHARS = 2_000


@dataclass(slots=True)
class Slice:
    """Some records of one file, as rows without what only the store can tell.

    `day` is None where the log says nothing of time; a record that is no chat has the day of its
    nearest readable neighbour. Chats and quarantine hold their `record`, which has no id yet.
    """

    file: NewBytes
    rules: Rules  # of redaction
    read_to: int
    last_day: date | None
    is_last: bool = False  # nothing of the file comes after it
    is_torn: bool = False  # its last record is a line that was still being written
    size: int = 0  # of its records as logged, in bytes
    chats: list[dict[str, Any]] = field(default_factory=list)
    votes: list[dict[str, Any]] = field(default_factory=list)
    quarantine: list[dict[str, Any]] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)


def read_file(file: NewBytes, max_bytes: int, rules: Rules) -> Iterator[Slice]:
    """Read the new records of `file`, some thousands at a time."""
    part = Slice(file, rules, file.offset, file.last_day)
    for raw in read_records(file.path, offset=file.offset, max_bytes=max_bytes):
        if len(part.records) >= SLICE or part.size >= SLICE_BYTES:
            yield _finished(part)
            part = Slice(file, rules, part.read_to, part.last_day)
        part.size += len(raw.raw)
        for each in _pieces(raw):
            _take(each, part)
    part.is_last = True
    yield _finished(part)


def _pieces(raw: RawRecord) -> list[RawRecord]:
    """Take a record that holds several apart; each is a record, counted and named as such."""
    if isinstance(raw.value, Unreadable):
        return [raw]
    pieces = split_record(raw.value)
    if len(pieces) == 1:
        return [replace(raw, value=pieces[0])]
    return [replace(raw, value=piece, raw=canonical(piece)) for piece in pieces]


def _take(raw: RawRecord, part: Slice) -> None:
    row = _record(raw, part.file)
    part.records.append(row)
    part.is_torn, part.read_to = raw.torn, raw.end
    try:
        if isinstance(raw.value, Unreadable):
            raise raw.value
        row["format"] = format_of(raw.value, part.file.source.format)
        found = read_record(raw.value, row["format"])
        if isinstance(found, Conversation):
            _take_chat(found, row, part)
        else:
            _take_votes(found, row, part)
    except Unreadable as problem:
        _take_unreadable(raw, problem, row, part)


def _take_chat(found: Conversation, row: dict[str, Any], part: Slice) -> None:
    source = part.file.source
    chat = _chat(found, row, part)
    users = sum(message["role"] == "user" for message in found.messages)
    row |= {
        "day": chat["day"],
        "outcome": "chat",
        "ref_keys": _keys(source, found),
        "message_keys": _message_keys(source, found),
        "session_keys": _session_keys(source, found),
        "chat_id": chat["chat_id"],
        "turn": users - 1,
    }
    part.chats.append(chat)
    part.votes += [_vote(vote, chat["chat_id"], part) for vote in found.votes]
    part.last_day = part.file.day or chat["day"] or part.last_day


def _take_votes(found: list[Vote], row: dict[str, Any], part: Slice) -> None:
    row |= {"outcome": "vote", "day": next((v.at.date() for v in found if v.at), part.last_day)}
    part.votes += [_vote(vote, None, part) for vote in found]


def _take_unreadable(raw: RawRecord, problem: Unreadable, row: dict[str, Any], part: Slice) -> None:
    row |= {"outcome": "quarantine", "day": part.last_day}
    part.quarantine.append(
        {
            "record": row,
            "source": row["source"],
            "location": f"{row['path']}:{row['line']}",
            "reason": problem.reason,
            "detail": Redactor(part.rules).text(problem.detail),
            "payload": _payload(raw, problem, part.rules),
        }
    )


def _payload(raw: RawRecord, problem: Unreadable, rules: Rules) -> str | None:
    """Return the record as it may be kept: not at all where a value cannot be cut out of it."""
    if problem.reason == "private_left":
        return None
    redacted, _ = redact_raw(raw.raw.decode("utf-8", "replace"), rules)
    return redacted[:_PAYLOAD_CHARS]


def _record(raw: RawRecord, file: NewBytes) -> dict[str, Any]:
    return {
        "day": None,
        "source": file.source.name,
        "path": file.shown,
        "line": raw.line,
        "digest": hashed(file.source.name, raw.raw.decode("utf-8", "surrogateescape")),
        "format": None,
        "outcome": "quarantine",
        "ref_keys": [],
        "message_keys": [],
        "session_keys": [],
        "chat_id": None,
        "turn": None,
    }


def _chat(found: Conversation, record: dict[str, Any], part: Slice) -> dict[str, Any]:
    source = part.file.source
    clean, counts = redact_conversation(found, part.rules)
    messages = [harmless(message) for message in clean.messages]
    tools = None if clean.tools is None else harmless_json(clean.tools)
    started = _naive(found.started_at)
    return {
        "day": started.date() if started else None,
        "chat_id": _chat_id(found, record, source),
        "source": source.name,
        "source_id": clean.source_id,
        "session_id": clean.session_id,
        "record": record,
        "started_at": started,
        "updated_at": _naive(found.updated_at) or started,
        "model": clean.model,
        "user_key": user_key(found.user),
        "messages": messages,
        "traits": [TRAIT] if (messages, tools) != (clean.messages, clean.tools) else [],
        "pii": [{"kind": kind, "replaced": n} for kind, n in sorted(counts.items())],
        "tools": tools,
        "vote": None,
    }


def _chat_id(found: Conversation, record: dict[str, Any], source: SourceSettings) -> str:
    """Hash what stays the same while a chat grows.

    Without an id that is its first user turn and its time. A record with neither id nor time
    cannot be told from another chat that begins alike ("hello"), so it is a chat by itself:
    merging those would lose all but one.
    """
    if found.source_id is not None:
        return hashed(source.name, found.source_id, *([found.thread] if found.thread else []))
    if found.started_at is None:
        return hashed(source.name, "untimed", record["digest"])
    first = next(m["content"] for m in found.messages if m["role"] == "user")
    return hashed(source.name, first, found.started_at.isoformat())


def _vote(vote: Vote, chat_id: str | None, part: Slice) -> dict[str, Any]:
    source, at = part.file.source, _naive(vote.at)
    identity = (
        [vote.vote_id, vote.kind]
        if vote.vote_id
        else [
            vote.target_id,
            chat_id,
            vote.turn,
            vote.kind,
            vote.value,
            vote.comment,
            at,
        ]
    )
    redactor = Redactor(part.rules)
    return {
        "vote_id": hashed(source.name, identity),
        "chat_id": chat_id,
        "turn": vote.turn,
        "source": source.name,
        "target_key": _vote_key(source, vote.target_id),
        "within_key": _vote_key(source, vote.within_id),
        "target_id": redactor.text(vote.target_id) if vote.target_id else None,
        "kind": redactor.text(vote.kind),
        "value": vote.value,
        "comment": redactor.text(vote.comment) if vote.comment else None,
        "voted_at": at,
        "status": "joined" if chat_id else "dangling",
    }


def _finished(part: Slice) -> Slice:
    """Fill in what needs the whole slice: languages, and the day of what stands before any chat."""
    words = [_words(chat) for chat in part.chats]
    for chat, language in zip(
        part.chats, languages(pl.Series(words, dtype=pl.String)), strict=True
    ):
        chat["language"] = language
    first = next((chat["day"] for chat in part.chats if chat["day"]), None)
    for row in part.records:
        if row["outcome"] != "chat":
            row["day"] = row["day"] or first
    return part


def _words(chat: dict[str, Any]) -> str:
    said = [m["content"] for m in chat["messages"] if m["role"] == "user"]
    return "\n".join(said)[:_LANGUAGE_CHARS]


def _keys(source: SourceSettings, found: Conversation) -> list[str]:
    return [hashed(source.name, log_id) for log_id in found.record_refs]


def _message_keys(source: SourceSettings, found: Conversation) -> list[dict[str, Any]]:
    return [
        {"key": hashed(source.name, log_id), "turn": turn}
        for log_id, turn in dict.fromkeys(found.turn_refs)
    ]


def _session_keys(source: SourceSettings, found: Conversation) -> list[str]:
    """Name the conversation and the session: where either is a thread's, the latest chat counts."""
    wider = dict.fromkeys(filter(None, (found.source_id, found.session_id)))
    return [hashed(source.name, log_id) for log_id in wider]


def _vote_key(source: SourceSettings, log_id: str | None) -> str | None:
    """Name what a vote speaks of as the source with the chats does."""
    return None if log_id is None else hashed(source.votes_on or source.name, log_id)


def _naive(at: datetime | None) -> datetime | None:
    return at.astimezone(UTC).replace(tzinfo=None) if at else None
