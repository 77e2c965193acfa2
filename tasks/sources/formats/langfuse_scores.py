"""Langfuse's scores as votes: of users, of annotators and of evaluators alike."""

from dataclasses import replace

from schemas.conversation import Vote
from tasks.sources.envelope import first_id, first_time
from tasks.sources.json_text import JsonObject, as_object
from tasks.sources.scores import scored

_TARGETS = ("observationId", "traceId", "sessionId")  # narrow before wide


def score_vote(score: JsonObject) -> Vote:
    """Read a score: its name is the vote's kind, a correction is an edit.

    It is about the narrowest thing it names, or about the next one if no log has that.

    Raises:
        Unreadable: bad_timestamp.
    """
    label, comment = _label(score), first_id([score], "comment")
    if score.get("dataType") == "CORRECTION":
        vote = Vote("edit", None, comment=label or comment)
    else:
        vote = scored(first_id([score], "name") or "score", score.get("value"), label, comment)
    target_id, within_id, *_ = [*_named(score), None, None]
    return replace(
        vote,
        target_id=target_id,
        within_id=within_id,
        vote_id=first_id([score], "id"),
        at=first_time([score], "timestamp", "createdAt"),
    )


def _label(score: JsonObject) -> str | None:
    """Return the words of a score that is no number and no truth value."""
    if score.get("dataType") in ("BOOLEAN", "NUMERIC"):
        return None
    words = (score.get(key) for key in ("longStringValue", "stringValue", "value"))
    return next((text for text in words if isinstance(text, str) and text), None)


def _named(score: JsonObject) -> list[str]:
    """List the ids that a score names; the third version of the API puts them in `subject`."""
    subject = as_object(score.get("subject"))
    ids = [first_id([score], key) for key in _TARGETS]
    return list(filter(None, [*ids, *(first_id([subject], key) for key in ("id", "traceId"))]))
