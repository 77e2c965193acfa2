"""Read scores that bear a name: a value or a label, and a comment."""

from schemas.conversation import Vote
from tasks.sources.votes import votes_in


def scored(name: str, value: object, label: str | None = None, comment: str | None = None) -> Vote:
    """Return a vote that is named after its score; words are heard as a verdict if they are one.

    A label, and words that are no verdict, stand before the comment.
    """
    heard = (votes[0].value for said in (value, label) if (votes := votes_in({"rating": said})))
    found = next((number for number in heard if number is not None), None)
    words = value if found is None and isinstance(value, str) else None
    said = "\n".join(filter(None, (label or words, comment)))
    return Vote(name, found, comment=said or None)
