"""Checks that find fault with an answer, in the order in which its defects are listed.

A check turns settings into a boolean Polars expression over prompt, answer, reasoning,
finish_reason, language, area and kind. Its name is the defect that analysts read.
"""

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Check
from tasks.checks.completeness import cut_off, empty
from tasks.checks.reasoning import reasoning_residue
from tasks.checks.refusal import refusal

CHECKS: tuple[Check, ...] = (empty, cut_off, refusal, reasoning_residue)


def apply_checks(answers: pl.DataFrame, cfg: CheckSettings) -> pl.DataFrame:
    """Add `defects`: the names of all checks that fire, in the order of CHECKS.

    Rows and their order stay as they are; an answer without fault has an empty list.
    """
    named = (pl.when(check(cfg)).then(pl.lit(check.__name__)) for check in CHECKS)
    return answers.with_columns(defects=pl.concat_list(*named).list.drop_nulls())
