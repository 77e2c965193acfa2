"""`flywheel tag train`: teach the local classifier what the strong model has said."""

import json

import polars as pl

from flows import console
from schemas.settings import FlywheelSettings
from tasks.adapters import store


def train(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Train the classifier and print how good it is on tags that it has not seen."""
    from tasks.tagging.local import folder_of
    from tasks.tagging.training import train_tagger

    store.prepare(cfg.warehouse)
    summary = train_tagger(cfg).summary()
    if as_json:
        console.raw(json.dumps(summary))
        return
    rows = [{"": _MEANING[name], " ": _said(name, value)} for name, value in summary.items()]
    console.table(
        pl.DataFrame(rows, schema={"": pl.String, " ": pl.String}), "The local classifier"
    )
    console.out.print(f"written to {folder_of(cfg)}; the next run uses it for new prompts.")
    console.out.print(
        "Past days keep their tags, unless you ask: "
        "flywheel backfill --from DAY --to DAY --restage tag"
    )


_MEANING = {
    "taxonomy_version": "version of the task types",
    "examples": "shipped examples it learned from",
    "tags": "tags of the strong model it learned from",
    "held_out": "of these held out, a fifth at a time",
    "accuracy_area": "right area",
    "accuracy_kind": "right kind",
    "macro_f1_area": "macro-F1 over areas",
    "macro_f1_kind": "macro-F1 over kinds",
    "macro_f1_area_before": "macro-F1 over areas, of the shipped examples alone",
    "macro_f1_kind_before": "macro-F1 over kinds, of the shipped examples alone",
    "precision": "precision asked for (tag.precision)",
    "threshold": "confidence that gives it",
    "share_spared": "share of prompts that then need no strong model",
}


def _said(name: str, value: float | None) -> str:
    if value is None:
        return "none does: every prompt goes to the strong model"
    if name.startswith(("accuracy", "share")):
        return f"{value:.1%}"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
