"""The last page of the demo: what each model learned, on prompts that neither has seen."""

from collections.abc import Mapping

import polars as pl

from flows import console
from schemas.settings import DedupeSettings
from tasks import published
from tasks.datasets.leaks import Leaks, exam_turns

_NEW = ("maths/date_calculation", "reasoning/sorting", "classification/intent")


def show_release(source: published.Source, eval_set: str, seconds: Mapping[str, float]) -> None:
    """Print datasets, scores per task type from base to v2, the registry and the time it took."""
    console.table(published.select(source, _DATASETS), "What the models learned from")
    scores = published.select(source, _SCORES, eval_set=eval_set)
    console.table(_side_by_side(scores), "Held-out prompts: right answers and stop rate (*: new)")
    console.table(published.select(source, _MODELS), "Models")
    console.out.print(_held_out(source))
    parts = ", ".join(f"{name} {value:.0f} s" for name, value in seconds.items())
    console.out.print(f"time: {sum(seconds.values()):.0f} s ({parts})")


def _held_out(source: published.Source) -> str:
    """Look once more whether anything that was trained on repeats a held-out prompt."""
    evals = published.select(source, "FROM eval_prompts")
    rows = published.select(source, "FROM sft_rows WHERE split = 'train'")
    found = Leaks(exam_turns(evals), DedupeSettings()).mark(rows)["match"].count()
    left_out = published.select(source, _LEAKS)["leaks"].item()
    return (
        f"held out: {evals.height} prompts; {found} of {rows.height} training rows repeat one or a "
        f"near twin of one ({left_out} answers that did were left out)"
    )


def _side_by_side(scores: pl.DataFrame) -> pl.DataFrame:
    """Return a row per task type, a column per model: right of prompts, and share that stopped."""
    label = pl.concat_str("area", "kind", separator="/")
    named = scores.with_columns(task_type=label).with_columns(
        task_type=pl.when(label.is_in(_NEW)).then(label + " *").otherwise(label)
    )
    whole = named.group_by("model_id", maintain_order=True).agg(
        pl.col("prompts", "correct").sum(),
        stop_rate=(pl.col("stop_rate") * pl.col("prompts")).sum() / pl.col("prompts").sum(),
        task_type=pl.lit("all"),
    )
    both = pl.concat([named.select(whole.columns), whole])
    shown = both.with_columns(
        right=pl.format("{} of {}", "correct", "prompts"),
        stops=pl.format("{} %", (pl.col("stop_rate") * 100).round(1)),
    )
    wide = shown.pivot("model_id", index="task_type", values=["right", "stops"])
    return wide.rename({name: name.replace("_", " ") for name in wide.columns})


_DATASETS = """
SELECT dataset_version, first_day, last_day, train_rows, train_rows_with_copies, validation_rows,
       dropped AS left_out, label_tokens FROM dataset_versions ORDER BY dataset_version
"""
_SCORES = """
SELECT split_part(model_id, '@', 1) AS model_id, area, kind, prompts, correct, stop_rate
FROM scores WHERE eval_set = $eval_set ORDER BY area, kind, model_id
"""
_MODELS = """
SELECT m.model_id, m.status, t.steps, t.loss, t.validation_loss, t.seconds, m.reason
FROM models m LEFT JOIN training_runs t USING (run_id) ORDER BY m.registered_at
"""
_LEAKS = "SELECT count(DISTINCT answer_id) AS leaks FROM dataset_drops WHERE reason = 'leak'"
