"""Let a candidate and the champion, or the base model, answer the same prompts; compare them."""

import logging
from pathlib import Path

import polars as pl

from schemas import contracts
from schemas.errors import SettingsError
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks import models
from tasks.adapters import store
from tasks.announce import show
from tasks.comparison import compare
from tasks.models import Model
from tasks.redaction.redactor import Redactor
from tasks.redaction.rules import BUILT_IN, Rules, rules_of
from tasks.sft.generate import Answer, answers
from tasks.stage import stage_task

log = logging.getLogger("flywheel.stage")


@stage_task(name="evaluate")
def evaluate(run: Run, model_id: str, against: str | None = None) -> str:
    """Compare a model with another, by default the champion, else its base; return the other's id.

    Raises:
        SettingsError: no eval set is named, or there is none of that name.
        NotFound: there is no such model.
        TrainingError: a model cannot be asked.
    """
    cfg = run.cfg
    prompts = eval_prompts(cfg)
    with store.reading(cfg.warehouse) as con:
        model = models.find(con, model_id)
        other = models.find(con, against or _opponent(con, model))
    said, others = answer_all(cfg, model, prompts), answer_all(cfg, other, prompts)
    verdicts = compare(prompts, said, others, cfg.promote.alpha)
    names = {"model_id": model_id, "against": other["model_id"], "eval_set": cfg.evaluate.eval_set}
    _write(cfg.warehouse, verdicts, names)
    show(f"evaluate-{model_id}", verdicts, _line(verdicts, model_id, other["model_id"]))
    return str(other["model_id"])


def eval_prompts(cfg: FlywheelSettings) -> pl.DataFrame:
    """Return the rows of the eval set that the settings name.

    Raises:
        SettingsError: none is named, or there is none of that name.
    """
    prompts = store.select(
        cfg.warehouse,
        "FROM eval_prompts WHERE eval_set = $name ORDER BY prompt_id",
        name=cfg.evaluate.eval_set,
    )
    if not prompts.height:
        sets = store.select(cfg.warehouse, "SELECT DISTINCT eval_set FROM eval_prompts ORDER BY 1")
        known = ", ".join(sets["eval_set"]) or "none yet"
        raise SettingsError(
            f"no eval set {cfg.evaluate.eval_set!r}; there are: {known}. Make one with `flywheel "
            "eval add NAME FILE`, and set `eval_set` under [evaluate] in flywheel.toml to its name."
        )
    return prompts


def answer_all(cfg: FlywheelSettings, model: Model, prompts: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of `eval_answers` of a model; what it has said before is not asked again."""
    limit = cfg.evaluate.max_new_tokens
    asked = {"model": model["model_id"], "name": prompts["eval_set"][0], "limit": limit}
    known = store.select(cfg.warehouse, _KNOWN, **asked)
    if known.height == prompts.height:
        return known
    said = answers(
        models.folder_of(cfg, model),
        prompts["messages"].to_list(),
        limit,
        batch_rows=cfg.evaluate.batch_rows,
        threads=cfg.train.threads,
    )
    rows = graded(prompts, said, rules_of(cfg)).with_columns(
        model_id=pl.lit(model["model_id"]), max_new_tokens=pl.lit(limit, dtype=pl.Int64)
    )
    with store.writing(cfg.warehouse) as con:
        store.delete_where(con, "eval_answers", model_id=asked["model"], eval_set=asked["name"])
        store.insert(con, "eval_answers", rows)
    return rows


def graded(prompts: pl.DataFrame, said: list[Answer], rules: Rules = BUILT_IN) -> pl.DataFrame:
    """Return what a model said to each prompt, redacted, and whether it equals the reference.

    It is compared as it was said: prompts and references hold placeholders, and two made-up phone
    numbers would be the same one.
    """
    made = pl.DataFrame(
        {
            "answer": [Redactor(rules).text(one.text) for one in said],
            "stopped": [one.stopped for one in said],
            "new_tokens": [one.new_tokens for one in said],
        },
        schema={"answer": pl.String, "stopped": pl.Boolean, "new_tokens": pl.Int64},
    )
    spoken = pl.Series([one.text for one in said], dtype=pl.String).str.strip_chars()
    equal = pl.col("reference").str.strip_chars() == spoken
    exact = pl.col("expectation") == "exact"
    graded = prompts.hstack(made).with_columns(correct=pl.when(exact).then(equal))
    return graded.select("eval_set", "prompt_id", *made.columns, "correct")


def _opponent(con: store.Connection, model: Model) -> str:
    """Return whom to compare with: the champion, or before there is another, the base model."""
    champion = models.champion(con)
    if champion and champion["model_id"] != model["model_id"]:
        return str(champion["model_id"])
    return str(model["base_model"] or model["model_id"])


def _write(warehouse: Path, verdicts: pl.DataFrame, names: dict[str, str]) -> None:
    rows = verdicts.with_columns(
        *(pl.lit(value).alias(name) for name, value in names.items()), judged_at=pl.lit(store.now())
    )
    with store.writing(warehouse) as con:
        store.delete_where(con, "verdicts", **names)
        store.insert(con, "verdicts", rows.select(list(contracts.schema("verdicts"))))


def _line(verdicts: pl.DataFrame, model_id: str, against: str) -> str:
    row = verdicts.row(0, named=True)
    return (
        f"evaluate {model_id}: {row['correct']} of {row['exact']} right, {against} "
        f"{row['correct_against']}; stops by itself in {row['stopped']} of {row['prompts']}, "
        f"{against} in {row['stopped_against']}: {row['conclusion']}"
    )


_KNOWN = """
FROM eval_answers WHERE model_id = $model AND eval_set = $name AND max_new_tokens = $limit
"""
