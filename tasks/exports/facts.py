"""What the store knows about a frozen dataset, for its card."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from schemas import ddl
from tasks.adapters import store
from tasks.datasets.leaks import Turns, exam_turns
from tasks.datasets.versions import later_evals


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything about one version that its card says, read in one look at the store."""

    about: dict[str, Any]  # its row of dataset_versions
    mix: pl.DataFrame  # its rows of the view dataset_mix
    drops: pl.DataFrame  # reason, rows
    sources: pl.DataFrame
    answerers: pl.DataFrame
    private: pl.DataFrame
    eval_sets: pl.DataFrame  # eval_set, prompts
    exams: Mapping[str, Turns]  # what those of them ask that came after the version
    tools: bool  # some row has tools
    words: bool  # its messages are nothing but words
    with_parts: int  # rows of which images and the like were left behind

    @property
    def languages(self) -> list[str]:
        """ISO 639-1 codes of what users write."""
        return languages_in(self.sources)


def read_facts(con: store.Connection, about: dict[str, Any]) -> Facts:
    """Read what the store knows about a version."""
    version = {"version": about["dataset_version"]}
    evals = store.frame(con, "FROM eval_prompts ORDER BY eval_set, prompt_id")
    keys = store.frame(con, ddl.query("export_keys"), **version).to_dicts()[0]
    return Facts(
        about=about,
        mix=mix_of(con, about["dataset_version"]),
        drops=store.frame(con, _DROPS, **version),
        sources=sources_of(con, about["dataset_version"]),
        answerers=store.frame(con, ddl.query("export_answerers"), **version),
        private=store.frame(con, ddl.query("export_private"), **version),
        eval_sets=evals.group_by("eval_set").len("prompts").sort("eval_set"),
        exams=exam_turns(later_evals(con, about)),
        **keys,
    )


def mix_of(con: store.Connection, version: str) -> pl.DataFrame:
    """Return rows, copies and share of the loss of each task type of a version."""
    return store.frame(con, _MIX, version=version)


def sources_of(con: store.Connection, version: str) -> pl.DataFrame:
    """Return where the rows of a version come from, with the languages of each source."""
    return store.frame(con, ddl.query("export_sources"), version=version)


def languages_in(sources: pl.DataFrame) -> list[str]:
    """Return ISO 639-1 codes of what users write."""
    codes = {code for line in sources["languages"] for code in line.split()}
    return sorted(codes - {"und"})


_MIX = """
SELECT area || '/' || kind AS task_type, train_rows, validation_rows, dropped, copies, share_shown
FROM dataset_mix WHERE dataset_version = $version ORDER BY task_type
"""
_DROPS = """
SELECT reason, count(*) AS "rows" FROM dataset_drops
WHERE dataset_version = $version GROUP BY reason ORDER BY reason
"""
