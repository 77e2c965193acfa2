"""Which rows repeat what they must not: an eval prompt, or a row that is only measured."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import polars as pl

from schemas.settings import DedupeSettings
from tasks.datasets.passages import Passages, all_but_marks, like_prompt
from tasks.similarity.matches import Match, Matches

_AT_ONCE = 20_000  # rows
NOMINATED = 0.5  # Jaccard; with every fifth word changed it falls so far

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
        cfg: what twins are.
    """
    sizes, matches = _sizes(against), Matches(_joined(against), cfg)
    return _in_parts(rows, lambda part: _repeated(part, sizes, matches))


class Leaks:
    """Eval prompts, made ready to be looked for in any number of rows.

    Args:
        exams: what the user says in each of them.
        cfg: what twins are.
    """

    def __init__(self, exams: Mapping[str, Turns], cfg: DedupeSettings) -> None:
        loose, texts = cfg.model_copy(update={"threshold": NOMINATED}), _joined(exams)
        self._sizes = _sizes(exams)
        self._matches = Matches(texts, loose, partial(like_prompt, cfg=cfg), all_but_marks)
        self._passages = Passages(texts, cfg)

    def mark(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add `match` and `jaccard`: the eval prompt that a row repeats or quotes, else null.

        Repeated as `mark_matches` says, in other words too; quoted, by anyone: in a longer turn,
        in an example of a system prompt, in an answer.

        Args:
            rows: `messages`, and `answer` where that is not the last of them.
        """
        return _in_parts(rows, self._find)

    def _find(self, rows: pl.DataFrame) -> list[Match | None]:
        repeated = _repeated(rows, self._sizes, self._matches)
        quoted = self._passages.find(rows.select(_all_said(rows)).to_series())
        return [one or other for one, other in zip(repeated, quoted, strict=True)]


def _sizes(against: Mapping[str, Turns]) -> list[int]:
    return sorted({len(said) for said in against.values()})


def _joined(against: Mapping[str, Turns]) -> dict[str, str]:
    return {id_: "\n".join(said) for id_, said in against.items()}


def _repeated(rows: pl.DataFrame, sizes: Sequence[int], matches: Matches) -> list[Match | None]:
    if not rows.height:  # its messages may have no type
        return []
    is_user = pl.element().struct.field("role") == "user"
    asked = pl.element().filter(is_user).struct.field("content")
    said = [_runs(of_row, sizes) for of_row in rows["messages"].list.eval(asked).to_list()]
    found = iter(matches.find([text for texts in said for text in texts]))
    return [_first([next(found) for _ in texts]) for texts in said]


def _in_parts(
    rows: pl.DataFrame, find: Callable[[pl.DataFrame], list[Match | None]]
) -> pl.DataFrame:
    """Add what is found in each row, some rows at a time: their signatures take memory."""
    found = [match for part in rows.iter_slices(_AT_ONCE) for match in find(part)]
    return rows.with_columns(
        pl.Series("match", [match.id if match else None for match in found], dtype=pl.String),
        pl.Series("jaccard", [match.jaccard if match else None for match in found], pl.Float64),
    )


def _all_said(rows: pl.DataFrame) -> pl.Expr:
    contents = pl.element().struct.field("content")
    said = pl.col("messages").list.eval(contents).list.join("\n", ignore_nulls=True)
    answer = [pl.col("answer")] if "answer" in rows.columns else []
    return pl.concat_str(said, *answer, separator="\n")


def _runs(said: Sequence[str], sizes: Sequence[int]) -> list[str]:
    """Return every run of `sizes` turns as one text, those that end last first."""
    ends = range(len(said), 0, -1)
    return ["\n".join(said[end - n : end]) for end in ends for n in sizes if n <= end]


def _first(matches: list[Match | None]) -> Match | None:
    return next((match for match in matches if match), None)
