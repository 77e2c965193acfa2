"""Give answers that miss only a length, a count or a form a prompt that asks for what they do."""

import polars as pl

from schemas.settings import CheckSettings
from schemas.task_types import TaskTypes
from tasks.checks import answered, apply_checks, with_system
from tasks.checks.backfit import REWRITTEN, backfit
from tasks.checks.versions import in_order

VERSION = 2  # in checked_answers


def backfitted(checked: pl.DataFrame, cfg: CheckSettings, types: TaskTypes) -> pl.DataFrame:
    """Add a version with a rewritten prompt, for answers that all checks pass with it.

    Args:
        checked: every version of each answer, with everything that checks read; the latest of an
            answer counts.
        cfg: limits of the checks.
        types: say which checks a task type wants.
    """
    checked = checked.with_columns(rewritten=pl.lit(None, pl.String))
    if not cfg.backfit:
        return checked
    latest = pl.col("version") == pl.col("version").max().over("answer_id")
    missed = pl.col("defects")
    only = (missed.list.len() > 0) & missed.list.set_difference([*REWRITTEN]).list.len().eq(0)
    near = with_system(checked.filter(latest & only))
    prompts = [backfit(answered(row), cfg) for row in near.iter_rows(named=True)]
    painted = near.drop("system").with_columns(
        pl.Series("rewritten", prompts, dtype=pl.String),
        logged="prompt",
        version=pl.lit(VERSION, pl.Int32),
    )
    painted = painted.drop_nulls("rewritten").with_columns(prompt="rewritten")
    passed = apply_checks(painted.drop("defects", "detail"), cfg, types)
    passed = passed.filter(pl.col("defects").list.len() == 0).with_columns(prompt="logged")
    return in_order(checked, passed.select(checked.columns))
