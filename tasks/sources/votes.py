"""Read what users thought, in the many ways that logs write it down."""

import math
import re
from dataclasses import replace

from schemas.conversation import Vote
from tasks.sources.json_text import JsonObject, dump
from tasks.sources.timestamps import to_utc

VOTE_KEYS = ("feedback", "rating", "vote", "thumbs", "score")
_THUMB_KEYS = frozenset({"feedback", "vote", "thumbs"})
_WORDS = {
    **dict.fromkeys(("up", "thumbs_up", "thumbsup", "thumbs up", "👍"), 1.0),
    **dict.fromkeys(("like", "liked", "good", "positive", "true", "yes", "upvote"), 1.0),
    **dict.fromkeys(("down", "thumbs_down", "thumbsdown", "thumbs down", "👎"), 0.0),
    **dict.fromkeys(("dislike", "disliked", "bad", "negative", "false", "no", "downvote"), 0.0),
}
_NUMBER = re.compile(r"[-+]?\d{1,15}(\.\d{1,15})?")


def votes_in(place: JsonObject, turn: int | None = None) -> list[Vote]:
    """Read the votes that stand in `place` under feedback, rating, vote, thumbs or score.

    Words, truth values and, except under rating and score, the numbers 1, 0 and -1 are thumbs:
    1.0 up, 0.0 down. Other numbers keep their value and the key as their kind. Other text is
    the comment of a vote without a value.
    """
    return [
        _with_comment(replace(vote, turn=turn), place.get("comment"))
        for key in VOTE_KEYS
        for vote in _votes(key, place.get(key))
    ]


def number(value: object) -> float | None:
    """Return a finite float for a number or a truth value, else None."""
    if isinstance(value, int | float) and abs(value) < 1e300:
        return float(value) if math.isfinite(value) else None
    return None


def _votes(key: str, value: object) -> list[Vote]:
    if value is None or value in ("", [], {}):
        return []
    if isinstance(value, list):
        return [vote for item in value for vote in _votes(key, item)]
    if isinstance(value, dict):
        return _detailed(key, value)
    return [_vote(key, value)]


def _detailed(key: str, value: JsonObject) -> list[Vote]:
    """Read {"value": ..., "comment": ..., "timestamp": ...}."""
    verdict = _first(value, "value", "rating", "score", "thumbs", "vote")
    if verdict is None and str(value.get("type")).casefold() in _WORDS:
        verdict = value["type"]
    comment = _first(value, "comment", "text", "reason")
    at = to_utc(_first(value, "timestamp", "created_at"))
    if verdict is None and comment is None:
        comment = dump(value)
    found = Vote(key, None) if verdict is None else _vote(key, verdict)
    return [replace(_with_comment(found, comment), at=at)]


def _vote(key: str, value: object) -> Vote:
    if isinstance(value, bool):
        return Vote("thumb", float(value))
    if isinstance(value, str):
        word = _WORDS.get(value.strip().casefold())
        if word is not None:
            return Vote("thumb", word)
        value = float(value) if _NUMBER.fullmatch(value.strip()) else value
    found = number(value)
    if found is None:
        return Vote(key, None, comment=value if isinstance(value, str) else dump(value))
    if key in _THUMB_KEYS and found in (1, 0, -1):
        return Vote("thumb", max(found, 0.0))
    return Vote(key, found)


def _with_comment(vote: Vote, comment: object) -> Vote:
    if comment is None or comment == "":
        return vote
    text = comment if isinstance(comment, str) else dump(comment)
    return replace(vote, comment=f"{vote.comment}\n{text}" if vote.comment else text)


def _first(place: JsonObject, *keys: str) -> object:
    return next((place[key] for key in keys if place.get(key) is not None), None)
