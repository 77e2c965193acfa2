"""Langfuse's scores as votes: of users, of annotators and of evaluators alike."""

from schemas.conversation import Vote
from tasks.sources.envelope import first_id, first_time
from tasks.sources.json_text import JsonObject, as_object
from tasks.sources.votes import votes_in

_TARGETS = ("traceId", "sessionId", "observationId", "id")


def score_vote(score: JsonObject) -> Vote:
    """Read a score: its name is the vote's kind, a correction is an edit.

    It names its trace where it can, which every record of that trace bears; categories that are
    no verdict keep their label in the comment.

    Raises:
        Unreadable: bad_timestamp.
    """
    label = _label(score)
    is_edit = score.get("dataType") == "CORRECTION"
    value = None if is_edit else _number(score)
    comment = "\n".join(filter(None, (label, first_id([score], "comment"))))
    return Vote(
        kind="edit" if is_edit else first_id([score], "name") or "score",
        value=value,
        target_id=first_id([score], *_TARGETS[:3]) or _subject(score),
        vote_id=first_id([score], "id"),
        comment=comment or None,
        at=first_time([score], "timestamp", "createdAt"),
    )


def _label(score: JsonObject) -> str | None:
    """Return the words of a score that is no number and no truth value."""
    found = first_id([score], "longStringValue", "stringValue")
    if found is None and isinstance(score.get("value"), str):
        found = first_id([score], "value")
    is_number = found is not None and score.get("dataType") in ("BOOLEAN", "NUMERIC")
    return None if is_number else found


def _number(score: JsonObject) -> float | None:
    given = (score.get("value"), score.get("stringValue"))
    found = (votes_in({"rating": value}) for value in given if value is not None)
    return next((votes[0].value for votes in found if votes), None)


def _subject(score: JsonObject) -> str | None:
    """Return what the third version of the API names as the subject of a score."""
    return first_id([as_object(score.get("subject"))], "traceId", *_TARGETS)
