"""Answers that users up-voted in production, where they are the teacher."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas import ddl
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.stages import BY_NAME
from schemas.task_types import load
from tasks import ledger
from tasks.adapters import store
from tasks.answering.style import Styles

NO_VOTE = "no up-voted answer in the log"


@dataclass(frozen=True, slots=True)
class Taken:
    """A prompt that no model is asked, with the answer of the log."""

    row: dict[str, Any]  # of the prompt
    answer: str | None  # None: there is none, and nobody else is to be asked
    model: str | None
    logged_for: str | None  # prompt_id of the prompt that it was given to


def from_the_log(
    prompts: pl.DataFrame, styles: Styles, run: Run
) -> tuple[list[Taken], pl.DataFrame]:
    """Return the prompts that the log answers, and those that the strong model is to answer."""
    teachers = _teachers(prompts, styles)
    if set(teachers) <= {"model"}:
        return [], prompts
    voted = _up_voted(prompts, run)
    last = pl.Series([teacher == "logged_only" for teacher in teachers], dtype=pl.Boolean)
    takes = pl.Series([teacher != "model" for teacher in teachers], dtype=pl.Boolean)
    is_taken = takes & (prompts["prompt_id"].is_in(list(voted)) | last)
    nothing = (None, None, None)
    taken = [
        Taken(row, *voted.get(row["prompt_id"], nothing))
        for row in prompts.filter(is_taken).to_dicts()
    ]
    return taken, prompts.filter(~is_taken)


def follow_votes(carried: pl.DataFrame, styles: Styles, run: Run) -> pl.Series:
    """Return which answers of a day go by today's votes and are made anew; nothing is bought twice.

    Those that were taken from the log do, and prompts that are up-voted now. Where the settings
    have changed since, answers stay: another teacher does not reach back by way of a vote.
    """
    takes = pl.Series(
        [teacher != "model" for teacher in _teachers(carried, styles)], dtype=pl.Boolean
    )
    if not takes.any():
        return takes
    taken = takes & (carried["origin"] == "logged")
    if not ledger.has_settings_of_now(run, BY_NAME["answer"], carried["day"][0]):
        return taken
    return taken | (takes & carried["prompt_id"].is_in(list(_up_voted(carried, run))))


def mark_votes(con: store.Connection, run: Run) -> None:
    """Let days show that their answers do not go by the votes on them any more.

    Only days whose answers were made with the settings of today: the others show that already,
    and stay as they are.
    """
    if not takes_logged(run.cfg):
        return
    styles = Styles(run.cfg, load(run.cfg.task_types))
    others = store.frame(con, ddl.query("voted_otherwise"))
    takes = [teacher != "model" for teacher in _teachers(others, styles)]
    ledger.mark_voted(con, others.filter(pl.Series(takes, dtype=pl.Boolean))["day"].to_list(), run)


def takes_logged(cfg: FlywheelSettings) -> bool:
    """Return whether any task type may be answered from the log."""
    sections = [cfg.answer, *cfg.answer.kinds.values()]
    return any(section.teacher != "model" for section in sections)


def _teachers(rows: pl.DataFrame, styles: Styles) -> list[str]:
    return [styles.of(area, kind).teacher for area, kind in rows.select("area", "kind").iter_rows()]


def _up_voted(prompts: pl.DataFrame, run: Run) -> dict[str, tuple[str, str | None, str]]:
    """Return the answers of the log that are up-voted, who gave them and to whom, by prompt_id."""
    found: dict[str, tuple[str, str | None, str]] = {}
    with store.reading(run.cfg.warehouse) as con:
        for day in prompts["day"].unique().sort():
            rows = store.frame(con, ddl.query("up_voted"), day=day).iter_rows()
            found |= {prompt_id: said for prompt_id, *said in rows}
    return found
