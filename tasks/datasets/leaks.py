"""Which rows repeat what they must not: an eval prompt, or a row that is only measured."""

from collections.abc import Mapping, Sequence

import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.matches import Match, find_matches

Messages = Sequence[Mapping[str, str]]


Turns = tuple[str, ...]  # what the user said, oldest first


def turns(messages: Messages) -> Turns:
    """Return all that the user said, a text per turn."""
    return tuple(message["content"] for message in messages if message["role"] == "user")


def exam_turns(evals: pl.DataFrame) -> dict[str, Turns]:
    """Return eval_set/prompt_id -> what the user said there, of rows of `eval_prompts`."""
    return {
        f"{row['eval_set']}/{row['prompt_id']}": turns(row["messages"]) for row in evals.to_dicts()
    }


def mark_matches(
    rows: pl.DataFrame, against: Mapping[str, Turns], cfg: DedupeSettings
) -> pl.DataFrame:
    """Add `match` and `jaccard`: whom of `against` the user repeats anywhere in a row, else null.

    A prompt of n user turns is looked for in every n turns that follow each other, so one that
    was said early in a long chat, or in its middle, is found too.

    Args:
        rows: `messages`.
        against: id -> what the user said there.
    """
    sizes = sorted({len(said) for said in against.values()})
    said = [_runs(turns(messages), sizes) for messages in rows["messages"]]
    others = {id_: "\n".join(said) for id_, said in against.items()}
    found = iter(find_matches([text for texts in said for text in texts], others, cfg))
    first = [_first([next(found) for _ in texts]) for texts in said]
    return rows.with_columns(
        pl.Series("match", [match.id if match else None for match in first], dtype=pl.String),
        pl.Series("jaccard", [match.jaccard if match else None for match in first], pl.Float64),
    )


def _runs(said: Turns, sizes: Sequence[int]) -> list[str]:
    """Return every run of `sizes` turns as one text, those that end last first."""
    ends = range(len(said), 0, -1)
    return ["\n".join(said[end - n : end]) for end in ends for n in sizes if n <= end]


def _first(matches: list[Match | None]) -> Match | None:
    return next((match for match in matches if match), None)
