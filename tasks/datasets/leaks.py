"""Which rows repeat what they must not: an eval prompt, or a row that is only measured."""

from collections.abc import Mapping, Sequence

import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.matches import Match, find_matches

Messages = Sequence[Mapping[str, str]]


def asked(messages: Messages) -> str:
    """Return all that the user said, turns on lines of their own."""
    return "\n".join(_turns(messages))


def exam_texts(evals: pl.DataFrame) -> dict[str, str]:
    """Return eval_set/prompt_id -> what the user said there, of rows of `eval_prompts`."""
    return {
        f"{row['eval_set']}/{row['prompt_id']}": asked(row["messages"]) for row in evals.to_dicts()
    }


def mark_matches(
    rows: pl.DataFrame, against: Mapping[str, str], cfg: DedupeSettings
) -> pl.DataFrame:
    """Add `match` and `jaccard`: whom of `against` the user repeats anywhere in a row, else null.

    Every user turn is looked at by itself and together with those before it, so a prompt that is
    quoted in an earlier turn is found too.

    Args:
        rows: `messages`.
        against: id -> what the user said there, as `asked` returns it.
    """
    said = [_every_beginning(messages) for messages in rows["messages"]]
    found = iter(find_matches([text for texts in said for text in texts], against, cfg))
    first = [_first([next(found) for _ in texts]) for texts in said]
    return rows.with_columns(
        pl.Series("match", [match.id if match else None for match in first], dtype=pl.String),
        pl.Series("jaccard", [match.jaccard if match else None for match in first], pl.Float64),
    )


def _every_beginning(messages: Messages) -> list[str]:
    turns = _turns(messages)
    return list(dict.fromkeys([*turns, *("\n".join(turns[: n + 1]) for n in range(len(turns)))]))


def _turns(messages: Messages) -> list[str]:
    return [message["content"] for message in messages if message["role"] == "user"]


def _first(matches: list[Match | None]) -> Match | None:
    return next((match for match in matches if match), None)
