"""Which of two models is better, when both answered the same prompts: the prompt is the unit."""

from collections.abc import Sequence
from math import comb

import polars as pl

ALL = "all"  # area and kind of the verdict over all task types


def compare(
    prompts: pl.DataFrame, said: pl.DataFrame, others: pl.DataFrame, alpha: float
) -> pl.DataFrame:
    """Return a verdict per task type, and one over all: the rows of `verdicts` without its names.

    A task type is better or worse when the sign test says so at `alpha`, corrected for the number
    of task types; the verdict over all prompts is one test.

    Args:
        prompts: rows of `eval_prompts`.
        said: rows of `eval_answers` of the candidate.
        others: those of the model it is compared with.
        alpha: chance of error.
    """
    both = (
        prompts.select("prompt_id", "area", "kind")
        .join(said.select("prompt_id", "stopped", "correct"), on="prompt_id")
        .join(others.select("prompt_id", "stopped", "correct"), on="prompt_id", suffix="_against")
    )
    whole = both.with_columns(area=pl.lit(ALL), kind=pl.lit(ALL))
    each = _tested(_counted(both), alpha, correct=True)
    return pl.concat([_tested(_counted(whole), alpha, correct=False), each])


def _counted(both: pl.DataFrame) -> pl.DataFrame:
    right, other = pl.col("correct"), pl.col("correct_against")
    counts = both.group_by("area", "kind").agg(
        prompts=pl.len(),
        exact=right.is_not_null().sum(),
        correct=right.sum(),
        correct_against=other.sum(),
        won=(right & ~other).sum(),
        lost=(other & ~right).sum(),
        stopped=pl.col("stopped").sum(),
        stopped_against=pl.col("stopped_against").sum(),
    )
    return counts.cast({pl.UInt32: pl.Int64}).sort("area", "kind")


def _tested(counts: pl.DataFrame, alpha: float, *, correct: bool) -> pl.DataFrame:
    chances = [sign_test(won, lost) for won, lost in counts.select("won", "lost").iter_rows()]
    better, worse = [p for p, _ in chances], [p for _, p in chances]
    if correct:
        better, worse = holm(better), holm(worse)
    conclusion = (
        pl.when(pl.col("exact") == 0)
        .then(pl.lit("not_comparable"))
        .when(pl.col("p_better") < alpha)
        .then(pl.lit("better"))
        .when(pl.col("p_worse") < alpha)
        .then(pl.lit("worse"))
        .otherwise(pl.lit("no_difference"))
    )
    tested = counts.with_columns(
        pl.Series("p_better", better, pl.Float64), pl.Series("p_worse", worse, pl.Float64)
    )
    return tested.with_columns(conclusion=conclusion)


def sign_test(won: int, lost: int) -> tuple[float, float]:
    """Return the chances of at least `won` wins, and of at least `lost` losses, among equals.

    Prompts that both answer right or both wrong say nothing about which is better, so the others
    are coin tosses if the models are equal: the exact form of McNemar's test (McNemar 1947;
    exact: Dixon and Mood 1946), one-sided each way.
    """
    tosses = won + lost
    return _at_least(won, tosses), _at_least(lost, tosses)


def holm(chances: Sequence[float]) -> list[float]:
    """Return the chances corrected for their number, each at most 1 (Holm 1979).

    With ten task types, one in two harmless models would show a "regression" at .05 somewhere.
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place])
    corrected, least = [1.0] * len(chances), 0.0
    for rank, place in enumerate(order):
        least = max(least, min(1.0, chances[place] * (len(chances) - rank)))
        corrected[place] = least
    return corrected


def _at_least(heads: int, tosses: int) -> float:
    ways, of_this_many = 0, comb(tosses, heads)
    for n in range(heads, tosses + 1):
        ways += of_this_many
        of_this_many = of_this_many * (tosses - n) // (n + 1)
    return ways / (1 << tosses)
