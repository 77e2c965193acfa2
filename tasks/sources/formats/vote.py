"""Vote: one record, or row of a table, that says what a user thought of a chat logged elsewhere."""

import re
from dataclasses import replace
from functools import lru_cache

from schemas.conversation import Vote
from tasks.sources.envelope import CONVERSATION_IDS, RECORD_TIMES, first_id, first_time
from tasks.sources.json_text import JsonObject, as_object, dump, unfold
from tasks.sources.messages import parts_text
from tasks.sources.scores import scored
from tasks.sources.votes import VOTE_KEYS, votes_in

TARGETS = (  # narrow before wide
    *("target_id", "message_id", "response_id", "request_id", "completion_id", "generation_id"),
    *("span_id", "run_id", "trace_id", *CONVERSATION_IDS),
)
THUMBS = ("thumb", "thumbs_up", "is_positive", "liked", "reaction", "helpful")
EDITS = {
    **dict.fromkeys(
        ("edit", "edited", "edited_response", "edited_output", "edited_answer"), "edit"
    ),
    **dict.fromkeys(("corrected", "corrected_response", "corrected_output", "correction"), "edit"),
    **dict.fromkeys(("ideal", "ideal_response", "expected_output", "suggested_response"), "edit"),
    **dict.fromkeys(("demonstration", "demonstrated_response"), "demonstration"),
}
VERDICTS = (*VOTE_KEYS, *THUMBS, "value", "reward")
COMMENTS = ("comment", "feedback_text", "feedback_comment", "explanation", "reason")
CHAT_KEYS = frozenset(
    {"messages", "conversations", "conversation", "request", "response", "choices", "chosen"}
    | {"instruction", "prompt", "question", "query", "input", "turns", "chat", "role", "mapping"}
)
_WORD_STARTS = re.compile(r"[ _-]+|(?<=[a-z0-9])(?=[A-Z])")
_NAMES = ("name", "metric", "metric_name", "kind", "key")
_IDS = ("id", "vote_id", "feedback_id")
_TIMES = (*RECORD_TIMES, "voted_at", "date")


def recognises(record: JsonObject) -> bool:
    """Tell whether `record` names a target and a verdict, edit or comment, but holds no chat."""
    flat = _flat(record)
    return (
        bool(_named(flat))
        and any(key in flat for key in (*VERDICTS, *EDITS, *COMMENTS))
        and not flat.keys() & CHAT_KEYS
    )


def read(record: JsonObject) -> list[Vote]:
    """Read one vote for each verdict and edit; the text of an edit is its comment.

    It is about the narrowest thing it names, or about the next one if no log has that. A record
    without any is a comment, or a vote taken back. Cells of a table are text: "1" and
    "true" are heard like 1 and true.

    Raises:
        Unreadable: bad_timestamp.
    """
    flat = _flat(record)
    comment, edits, verdicts = first_id([flat], *COMMENTS), _edits(flat), _verdicts(flat)
    if not verdicts and (comment or not edits):
        verdicts = [Vote("comment" if comment else "thumb", None, comment=comment)]
    target_id, within_id, *_ = [*_named(flat), None]
    vote_id, at = first_id([flat], *_IDS), first_time([flat], *_TIMES)
    found = Vote("", None, target_id, vote_id, turn=_turn(flat.get("turn")), within_id=within_id)
    return [
        replace(found, kind=vote.kind, value=vote.value, comment=vote.comment, at=vote.at or at)
        for vote in [*verdicts, *edits]
    ]


def _named(flat: JsonObject) -> list[str]:
    """List the ids that a record names, narrow before wide."""
    return list(filter(None, (first_id([flat], key) for key in TARGETS)))


def _flat(record: JsonObject) -> JsonObject:
    """Return the record with keys in snake_case, and the `result` that Phoenix nests in it."""
    fields = {**as_object(record.get("result")), **record}
    return {_snake(key): value for key, value in fields.items()}


@lru_cache(maxsize=1_000)
def _snake(key: str) -> str:
    """Write messageId and "Message ID" as message_id."""
    return _WORD_STARTS.sub("_", key.strip()).lower()


def _verdicts(flat: JsonObject) -> list[Vote]:
    name, comment = first_id([flat], *_NAMES), first_id([flat], *COMMENTS)
    given = next((flat[key] for key in ("score", "value") if _is_said(flat.get(key))), None)
    if name is not None and given is not None:
        return [scored(_kind(name), given, first_id([flat], "label"), comment)]
    said = {key: flat[key] for key in VOTE_KEYS if key in flat}
    thumbs = [vote for key in THUMBS for vote in votes_in({"thumbs": flat.get(key)})]
    bare = [_bare(vote) for vote in votes_in({"vote": flat.get("value")})]
    rewards = [scored("reward", flat["reward"])] if _is_said(flat.get("reward")) else []
    votes = [*votes_in(said), *thumbs, *bare, *rewards]
    return [_with_comment(vote, comment) for vote in votes]


def _kind(name: str) -> str:
    return "thumb" if name.casefold() in ("thumb", "thumbs") else name


def _bare(vote: Vote) -> Vote:
    """Name a value that has no name: 1, 0 and -1 are thumbs, what is else a number a rating."""
    return replace(vote, kind="rating") if vote.kind == "vote" else vote


def _with_comment(vote: Vote, comment: str | None) -> Vote:
    return replace(vote, comment="\n".join(filter(None, (vote.comment, comment))) or None)


def _edits(flat: JsonObject) -> list[Vote]:
    texts = ((kind, _text(flat.get(key))) for key, kind in EDITS.items())
    return [Vote(kind, None, comment=text) for kind, text in texts if text]


def _text(value: object) -> str:
    """Return the text of an answer: as it is, of its parts, or of the message that holds it.

    Whether there was an edit is no text of one.
    """
    if not _is_said(value) or str(value).casefold() in ("true", "false", "0", "1"):
        return ""
    found = unfold(value)
    inner = found.get("content") if isinstance(found, dict) else found
    text = parts_text(inner) if isinstance(inner, list) else inner
    whole = value if isinstance(value, str) else dump(value)
    return text if isinstance(text, str) and text else whole


def _is_said(value: object) -> bool:
    return value is not None and value != ""


def _turn(value: object) -> int | None:
    """Return the 0-based user turn a vote names, or None."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value[:10])
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**31:
        return value
    return None
