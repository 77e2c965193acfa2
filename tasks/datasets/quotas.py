"""How many rows of each task type are trained on, and of each trait that has a quota of its own.

A total is shared out by difficulty x weight: most goes to what few models can do and users need
most. What a task type lacks is not given to others: the mix stays as it was asked for, and the
shortfall says where prompts are missing.
"""

from collections.abc import Iterable, Mapping

import polars as pl

from schemas.release_settings import EXTRA, DatasetSettings
from schemas.task_types import Kind, TaskTypes
from tasks.fingerprint import text_hash

QUOTAS = pl.Schema(
    {
        "group": pl.String,
        "available": pl.Int64,
        "quota": pl.Int64,
        "rows": pl.Int64,
        "shortfall": pl.Int64,
    }
)

IS_TYPE = pl.col("group").str.contains("/", literal=True)  # else it is a trait


def group_of(traits: Iterable[str]) -> pl.Expr:
    """Name the quota that a row counts against: its first trait with one, else its task type."""
    own = [pl.when(pl.col("traits").list.contains(name)).then(pl.lit(name)) for name in traits]
    return pl.coalesce(*own, pl.concat_str("area", "kind", separator="/"))


def quotas(
    available: Mapping[str, int], types: TaskTypes, cfg: DatasetSettings
) -> dict[str, int | None]:
    """Return how many rows of each task type and trait are trained on at most; None = all.

    A task type that the list does not know has the weight and difficulty of one that says nothing.

    Args:
        available: rows there are to train on, by task type or trait.
        types: their weight and difficulty.
        cfg: `rows` in all, `min_rows` and `max_rows` of a task type; `quotas` and `trait_quotas`
            come first, and the rows of extra sets come on top of all.
    """
    fixed = {**cfg.quotas, **cfg.trait_quotas}
    extra = {f"{EXTRA}/{one.name}": one.rows for one in cfg.extra}
    points = {
        label: _points(label, types) for label in available if label not in {**fixed, **extra}
    }
    taken = sum(min(quota, available.get(name, 0)) for name, quota in fixed.items())
    whole = sum(points.values())
    return (
        {label: _share(point, whole, taken, cfg) for label, point in points.items()} | fixed | extra
    )


def _points(label: str, types: TaskTypes) -> float:
    known = types.resolve(label)
    kind = types.kinds[known] if known else None
    difficulty, weight = (kind.difficulty, kind.weight) if kind else _UNSET
    return difficulty * weight


_UNSET = Kind.model_fields["difficulty"].default, Kind.model_fields["weight"].default


def _share(points: float, of: float, taken: int, cfg: DatasetSettings) -> int | None:
    if not points:
        return 0
    if cfg.rows is None:
        return cfg.max_rows
    wanted = max(cfg.min_rows, round(max(0, cfg.rows - taken) * points / of))
    return wanted if cfg.max_rows is None else min(wanted, cfg.max_rows)


def filled(
    available: Mapping[str, int], wanted: Mapping[str, int | None], min_rows: int
) -> pl.DataFrame:
    """Return what becomes of each quota, in the order of names.

    Returns:
        group      task type or trait
        available  rows there are
        quota      rows at most; null = all
        rows       rows that are trained on
        shortfall  rows that are missing to the quota, without one to `min_rows`
    """
    lines = []
    for group in sorted(available.keys() | wanted.keys()):
        quota, there = wanted[group], available.get(group, 0)
        missing = (min_rows if quota is None else quota) - there
        rows = there if quota is None else min(quota, there)
        lines.append((group, there, quota, rows, max(0, missing)))
    return pl.DataFrame(lines, schema=QUOTAS, orient="row")


def over_quota(rows: pl.DataFrame, wanted: Mapping[str, int | None], seed: int) -> pl.Series:
    """Return the ids of rows beyond their quota; a hash of seed and id chooses who stays.

    Args:
        rows: `answer_id`, and `group` as in `wanted`.
        wanted: rows at most; None = all.
        seed: another one chooses other rows.
    """
    limits = {group: quota for group, quota in wanted.items() if quota is not None}
    quota = pl.col("group").replace_strict(limits, default=None, return_dtype=pl.Int64)
    limited = rows.with_columns(quota=quota).filter(pl.col("quota").is_not_null())
    place = pl.col("drawn").rank("ordinal").over("group")
    over = limited.with_columns(drawn(limited["answer_id"], seed)).filter(place > pl.col("quota"))
    return over["answer_id"]


def drawn(ids: pl.Series, seed: int) -> pl.Series:
    """Return `drawn`, a number by which some of these rows are chosen: a hash of seed and id."""
    return pl.Series("drawn", [int(text_hash([seed, id_]), 16) for id_ in ids], dtype=pl.UInt64)
