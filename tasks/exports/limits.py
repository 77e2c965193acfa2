"""What an export does not promise, in plain words and with its own numbers."""

from collections.abc import Sequence

from tasks.exports.facts import Facts
from tasks.exports.wanted import Wanted
from tasks.exports.written import Split

_EVERY_TURN = ("messages", "alpaca", "sharegpt")  # their readers train on history unless told


def limits(wanted: Wanted, facts: Facts, splits: Sequence[Split]) -> str:
    """Return a list of what a reader must know before training."""
    said = [*_of_format(wanted, splits), *_of_rows(facts, wanted), *_ALWAYS]
    return "\n".join(f"- {one}" for one in said)


def _of_format(wanted: Wanted, splits: Sequence[Split]) -> list[str]:
    talks = sum(one.talks for one in splits)
    if wanted.format in _EVERY_TURN and talks:
        return [
            f"{talks} rows hold earlier answers of the production model, which were not checked. "
            "Readers of this format may train on them; `prompt-completion` and `openai` say which "
            "answer to learn."
        ]
    if wanted.format in ("dpo", "kto"):
        return ["Votes are few and of users who vote; a worse answer is worse for one user."]
    return []


def _of_rows(facts: Facts, wanted: Wanted) -> list[str]:
    said = []
    if facts.with_parts:
        said.append(
            f"{facts.with_parts} rows of the dataset were logged in parts (images, files, text): "
            "only the text is here."
        )
    if facts.about["train_rows_with_copies"] > facts.about["train_rows"] and not wanted.once:
        said.append("Rows of task types with short answers stand here several times, on purpose.")
    return said


_ALWAYS = (
    "Answers were written or chosen by a model and checked by rules and models, not by people.",
    "Rules find private values; what they do not know, a name in free text above all, may remain.",
    "A twin in other words of an eval prompt is not found: texts are compared, not meanings.",
)
