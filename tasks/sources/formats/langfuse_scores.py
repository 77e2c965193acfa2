"""Langfuse's scores as votes: of users, of annotators and of evaluators alike."""

from dataclasses import replace

from schemas.conversation import Vote
from tasks.sources.envelope import first_id, first_time
from tasks.sources.json_text import JsonObject, as_object
from tasks.sources.scores import scored

_TARGETS = ("traceId", "sessionId", "observationId")


def score_vote(score: JsonObject) -> Vote:
    """Read a score: its name is the vote's kind, a correction is an edit.

    It names its trace where it can, which every record of that trace bears.

    Raises:
        Unreadable: bad_timestamp.
    """
    label, comment = _label(score), first_id([score], "comment")
    if score.get("dataType") == "CORRECTION":
        vote = Vote("edit", None, comment=label or comment)
    else:
        vote = scored(first_id([score], "name") or "score", score.get("value"), label, comment)
    return replace(
        vote,
        target_id=first_id([score], *_TARGETS) or _subject(score),
        vote_id=first_id([score], "id"),
        at=first_time([score], "timestamp", "createdAt"),
    )


def _label(score: JsonObject) -> str | None:
    """Return the words of a score that is no number and no truth value."""
    if score.get("dataType") in ("BOOLEAN", "NUMERIC"):
        return None
    words = (score.get(key) for key in ("longStringValue", "stringValue", "value"))
    return next((text for text in words if isinstance(text, str) and text), None)


def _subject(score: JsonObject) -> str | None:
    """Return what the third version of the API names as the subject of a score."""
    return first_id([as_object(score.get("subject"))], "traceId", "id")
