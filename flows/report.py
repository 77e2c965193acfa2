"""Commands that read: sql, shell, explain, status. Nothing here knows Prefect."""

from datetime import date

import polars as pl

from flows import console
from schemas import ddl
from schemas.errors import FlywheelError, SettingsError, StoreError
from schemas.run import Run
from schemas.settings import FlywheelSettings
from schemas.stages import STAGES
from tasks import ledger, published
from tasks.adapters import store


def show_sql(cfg: FlywheelSettings, query: str, format: str, *, live: bool) -> None:
    """Print what a query selects.

    Raises:
        SettingsError: an unknown format.
        StoreError: nothing is published yet, or the SQL is wrong.
    """
    if format not in ("table", "csv", "json"):
        raise SettingsError(f"--format {format}: wanted table, csv or json.")
    source = published.source(cfg, live=live)
    rows = published.select(source, query)
    if format == "csv":
        console.raw(_flat(rows).write_csv())
    elif format == "json":
        console.raw(rows.write_json())
    else:
        console.table(rows)
        console.err.print(f"{rows.height} rows, {source.age}")


def show_homogeneity(
    cfg: FlywheelSettings,
    first: date | None,
    last: date | None,
    embeddings: str | None,
    *,
    as_json: bool,
) -> None:
    """Print how alike the answers of each task type are, those that open alike first."""
    from tasks.homogeneity import homogeneity

    source = published.source(cfg, live=False)
    kept = published.select(source, ddl.query("kept_answers"), first=first, last=last)
    rows = _by_meaning(cfg, kept, embeddings) if embeddings else homogeneity(kept)
    if as_json:
        console.raw(rows.write_json())
        return
    console.table(rows.with_columns(pl.selectors.float().round(3)), "How alike the answers are")
    console.err.print(source.age)


def _by_meaning(cfg: FlywheelSettings, kept: pl.DataFrame, endpoint: str) -> pl.DataFrame:
    """Buy vectors of a sample; what says the same in other words lies near."""
    from tasks.embed import embedded
    from tasks.homogeneity import meaning, sample

    store.prepare(cfg.warehouse)
    some = sample(kept)
    vectors = embedded(some, endpoint, cfg.warehouse, Run(cfg=cfg))
    if vectors.height < some.height:
        console.err.print(f"no vector for {some.height - vectors.height} of {some.height} answers")
    return meaning(some, vectors)


def read_lines(cfg: FlywheelSettings, *, live: bool) -> None:
    """Answer one query a line until the end of input."""
    source = published.source(cfg, live=live)
    console.err.print(f"{source.age}; try FROM funnel, FROM drops, FROM journey; Ctrl-D ends")
    while True:
        try:
            line = console.err.input("flywheel> ").strip().rstrip(";")
            if line:
                console.table(published.select(source, line))
        except FlywheelError as error:
            console.err.print(str(error))
        except (EOFError, KeyboardInterrupt):
            return


def show_journey(cfg: FlywheelSettings, wanted: str, *, as_json: bool, live: bool) -> None:
    """Print every decision about one id."""
    source = published.source(cfg, live=live)
    steps = published.journey(source, wanted)
    if as_json:
        console.raw(steps.write_json())
        return
    unit = pl.coalesce("answer_id", "prompt_id", "chat_id", "record_id").alias("id")
    console.table(steps.select("day", "stage", unit, "decision", "reason", "detail"))
    console.err.print(source.age)


def show_status(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print the last good day per stage, stale days, pending rows, spend and models."""
    if not cfg.warehouse.exists():
        raise StoreError(f"no warehouse at {cfg.warehouse} yet. `flywheel run` makes it.")
    known = ledger.runs(cfg.warehouse)
    stale = ledger.stale_stages(known, Run(cfg=cfg))
    stages = _stages(known)
    costs = store.select(cfg.warehouse, "FROM costs")
    known_models = store.select(cfg.warehouse, _MODELS)
    if as_json:
        parts = {"stages": stages, "stale": stale, "costs": costs, "models": known_models}
        body = ", ".join(f'"{name}": {rows.write_json()}' for name, rows in parts.items())
        console.raw(f"{{{body}}}")
        return
    console.table(stages, "Stages")
    console.table(stale, "Stale: `inputs` is picked up by the next run, `settings` only by --force")
    console.table(costs, "Spend")
    console.table(known_models, "Models")


_MODELS = """
SELECT model_id, status, dataset_version, promoted_at, reason FROM models ORDER BY registered_at
"""


def _stages(known: pl.DataFrame) -> pl.DataFrame:
    """Return per stage: days, last complete day, partial and failed days, pending rows."""
    order = pl.DataFrame({"stage": [stage.name for stage in STAGES]})
    counted = known.group_by("stage").agg(
        days=pl.len(),
        last_complete=pl.col("day").filter(pl.col("status") == "complete").max(),
        partial=(pl.col("status") == "partial").sum(),
        failed=(pl.col("status") == "failed").sum(),
        pending=pl.col("pending").sum(),
        last_message=pl.col("message").drop_nulls().last(),
    )
    return order.join(counted, on="stage", how="left", maintain_order="left")


def _flat(rows: pl.DataFrame) -> pl.DataFrame:
    """CSV has no nested values: write them as JSON."""
    nested = [name for name, kind in rows.schema.items() if kind.is_nested()]
    one = [pl.struct(name).struct.json_encode().alias(name) for name in nested]
    return rows.with_columns(one)
