"""Read the scores that tracing tools keep: a name, a value or a label, a comment."""

from schemas.conversation import Vote
from tasks.sources.votes import votes_in


def scored(name: str, value: object, label: str | None = None, comment: str | None = None) -> Vote:
    """Return a vote that is named after its score; a label is heard as a verdict if it is one.

    Labels that are no verdict, and verdicts in words, stand before the comment.
    """
    given = (votes[0].value for said in (value, label) if (votes := votes_in({"rating": said})))
    found = next((number for number in given if number is not None), None)
    said = "\n".join(filter(None, (label, comment)))
    return Vote(name, found, comment=said or None)
