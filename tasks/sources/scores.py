"""Read scores that bear a name: a value or a label, and a comment."""

import re

from schemas.conversation import Vote
from tasks.sources.votes import votes_in

_THUMBS = frozenset({"thumb", "thumbs", "thumbs_up", "like", "vote", "user_vote"})
_THUMBS |= {"feedback", "user_feedback", "human_feedback"}


def scored(name: str, value: object, label: str | None = None, comment: str | None = None) -> Vote:
    """Return a vote that is named after its score; words are heard as a verdict if they are one.

    What teams call the thumbs of their users is one, where it is 1 or 0. A label, and words that
    are no verdict, stand before the comment.
    """
    heard = (votes[0].value for said in (value, label) if (votes := votes_in({"rating": said})))
    found = next((number for number in heard if number is not None), None)
    is_thumb = found in (0, 1) and re.sub("[ -]", "_", name.lower()) in _THUMBS
    words = value if found is None and isinstance(value, str) else None
    said = "\n".join(filter(None, (label or words, comment)))
    return Vote("thumb" if is_thumb else name, found, comment=said or None)
