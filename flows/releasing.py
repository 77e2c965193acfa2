"""`flywheel release`, `train`, `evaluate`, `promote` and `rollback`, from the command line."""

from datetime import date

import polars as pl

from flows import console
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks import promote
from tasks import train as train_stage
from tasks.adapters import store
from tasks.publish import publish_now


def run_release(
    cfg: FlywheelSettings, first: date | None, last: date | None, name: str | None
) -> int:
    """Release what there is; return 0 when the new model is champion, 1 when it was refused."""
    console.starting()
    from flows.release import release

    decision = release(first, last, name, run=Run(cfg=cfg))
    show_verdicts(cfg, decision.model_id)
    console.out.print(f"{'promoted' if decision.promoted else 'refused'}: {decision.reason}")
    return 0 if decision.promoted else 1


def run_train(cfg: FlywheelSettings, dataset: str, name: str | None) -> None:
    """Train on a dataset and print the model's id."""
    console.starting()
    from flows.train import train

    console.out.print(train(dataset, name, run=Run(cfg=cfg)))


def run_preflight(cfg: FlywheelSettings, dataset: str) -> int:
    """Print what is checked before training on a dataset; return 1 when a check fails."""
    store.prepare(cfg.warehouse)
    checks = train_stage.look(cfg, dataset)
    for check in checks:
        console.out.print(f"{'ok' if check.passed else 'FAILED':7}{check.name}: {check.finding}")
        if not check.passed and check.fix:
            console.out.print(f"       {check.fix}")
    failed = sum(not check.passed for check in checks)
    console.out.print(f"{len(checks) - failed} of {len(checks)} checks passed")
    return 1 if failed else 0


def run_evaluate(cfg: FlywheelSettings, model: str, against: str | None) -> None:
    """Compare two models and print the verdicts."""
    console.starting()
    from flows.evaluate import evaluate

    evaluate(model, against, run=Run(cfg=cfg))
    show_verdicts(cfg, model)


def run_promote(cfg: FlywheelSettings, model: str) -> int:
    """Make a model champion if its verdicts say so; return 1 when they do not."""
    store.prepare(cfg.warehouse)
    decision, _ = promote.promote_now(cfg, model)
    publish_now(cfg.warehouse, cfg.published)
    console.out.print(f"{'promoted' if decision.promoted else 'refused'}: {decision.reason}")
    return 0 if decision.promoted else 1


def run_rollback(cfg: FlywheelSettings) -> None:
    """Make the champion before this one champion again."""
    store.prepare(cfg.warehouse)
    now, was = promote.rollback(cfg)
    publish_now(cfg.warehouse, cfg.published)
    console.out.print(f"champion is {now['model_id']} again; {was['model_id']} is retired")


def show_verdicts(cfg: FlywheelSettings, model: str) -> None:
    """Print the latest comparison of a model, per task type."""
    rows = store.select(cfg.warehouse, _VERDICTS, model=model)
    if rows.height:
        against = rows["against"][0]
        shown = rows.drop("against").with_columns(pl.col("p_better", "p_worse").round(4))
        console.table(shown, f"{model} against {against}")


_VERDICTS = """
SELECT against, area, kind, prompts, correct_against AS before, correct AS now, won, lost,
       stopped_against AS stopped_before, stopped AS stopped_now, p_better, p_worse, conclusion
FROM verdicts WHERE model_id = $model
QUALIFY judged_at = max(judged_at) OVER ()
ORDER BY area = 'all', area, kind
"""
