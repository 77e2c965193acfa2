"""Commands of the release half: datasets, eval sets, training, evaluation, promotion."""

import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from flows import console, version_commands
from flows.options import Config, Json, day_of
from schemas import names
from schemas.errors import SettingsError
from schemas.settings_file import load

app = typer.Typer()
dataset = typer.Typer(help="Frozen datasets: what models learn from.", no_args_is_help=True)
eval_set = typer.Typer(help="Frozen eval sets: what models are measured by.", no_args_is_help=True)

First = Annotated[str | None, typer.Option("--from", help="First UTC day; default: the first")]
Last = Annotated[str | None, typer.Option("--to", help="Last UTC day, included")]
_FORMATS = "messages, prompt-completion, alpaca, sharegpt, openai, dpo or kto"


def _checked(name: str | None) -> str | None:
    """Refuse what cannot be a name before any work, which may take hours."""
    return name if name is None else names.checked(name, "a dataset or model")


Name = Annotated[str | None, typer.Option(help="Name of dataset and model", callback=_checked)]


@app.command()
def release(
    first: First = None, last: Last = None, name: Name = None, config: Config = None
) -> None:
    """Make a dataset, train on it, evaluate the model, and promote it or say why not."""
    cfg = load(config)
    days = _days(first, last)
    console.quiet_surroundings(cfg.var)
    from flows.releasing import run_release

    sys.exit(run_release(cfg, *days, name))


@app.command()
def train(
    version: Annotated[str, typer.Option("--dataset", help="Dataset version")],
    name: Annotated[str | None, typer.Option(help="Name of the model", callback=_checked)] = None,
    preflight: Annotated[
        bool, typer.Option("--preflight", help="Only check what would be trained")
    ] = False,
    config: Config = None,
) -> None:
    """Train a model on a frozen dataset; a run that was killed goes on."""
    cfg = load(config)
    console.quiet_surroundings(cfg.var)
    from flows.releasing import run_preflight, run_train

    if preflight:
        sys.exit(run_preflight(cfg, version))
    run_train(cfg, version, name)


@app.command()
def evaluate(
    model: Annotated[str, typer.Option(help="Id of the candidate")],
    against: Annotated[
        str | None, typer.Option(help="Default: the champion, else its base")
    ] = None,
    config: Config = None,
) -> None:
    """Let two models answer the same prompts, and compare them per task type."""
    cfg = load(config)
    console.quiet_surroundings(cfg.var)
    from flows.releasing import run_evaluate

    run_evaluate(cfg, model, against)


@app.command()
def promote(
    model: Annotated[str, typer.Argument(help="Id of the candidate")], config: Config = None
) -> None:
    """Make a candidate the champion if its verdicts allow it, or say why not."""
    cfg = load(config)
    console.quiet_surroundings(cfg.var)
    from flows.releasing import run_promote

    sys.exit(run_promote(cfg, model))


@app.command()
def rollback(config: Config = None) -> None:
    """Make the champion before this one champion again."""
    cfg = load(config)
    console.quiet_surroundings(cfg.var)
    from flows.releasing import run_rollback

    run_rollback(cfg)


@dataset.command("plan")
def plan_dataset(
    first: First = None, last: Last = None, config: Config = None, as_json: Json = False
) -> None:
    """Show what a build would take, leave out and copy, and what to look at; write nothing."""
    from flows import datasets

    datasets.plan(load(config), *_days(first, last), as_json=as_json)


@dataset.command("homogeneity")
def show_homogeneity(
    first: First = None,
    last: Last = None,
    embeddings: Annotated[
        str | None, typer.Option(help="By meaning: the [llm.endpoints.NAME] to ask for vectors")
    ] = None,
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show how alike the published answers of each task type are: openings, lengths, words."""
    from flows.report import show_homogeneity

    show_homogeneity(load(config), *_days(first, last), embeddings, as_json=as_json)


@dataset.command("build")
def build_dataset(
    first: First = None, last: Last = None, name: Name = None, config: Config = None
) -> None:
    """Show the plan of a dataset, and freeze it."""
    from flows import datasets

    datasets.build(load(config), *_days(first, last), name)


@dataset.command("list")
def list_datasets(config: Config = None, as_json: Json = False) -> None:
    """List every dataset."""
    from flows import datasets

    datasets.show_all(load(config), as_json=as_json)


@dataset.command("show")
def show_dataset(
    version: Annotated[str, typer.Argument(help="Dataset version")],
    config: Config = None,
    as_json: Json = False,
) -> None:
    """Show what a dataset is made of, what it left out, and who was trained on it."""
    from flows import datasets

    datasets.show_one(load(config), version, as_json=as_json)


@dataset.command("export")
def export_dataset(  # noqa: PLR0913, PLR0917 - an option is an argument
    version: Annotated[str, typer.Argument(help="Dataset version")],
    out: Annotated[Path, typer.Option(help="FILE.jsonl, FILE.parquet, or a folder with a card")],
    format: Annotated[str, typer.Option(help=_FORMATS)] = "messages",
    split: Annotated[
        str | None, typer.Option(help="train, validation or all; all in a folder, else train")
    ] = None,
    parquet: Annotated[bool, typer.Option("--parquet", help="Parquet, not JSON lines")] = False,
    rows_per_file: Annotated[int | None, typer.Option(help="Begin a new file after these")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="Write a row once, with the column `copies`")
    ] = False,
    config: Config = None,
) -> None:
    """Write a dataset for another trainer, copies repeated and spread."""
    from flows.exporting import run_export
    from tasks.exports.wanted import Wanted

    asked = Wanted(version, format, out, split, parquet, rows_per_file, once)
    run_export(load(config), asked)


@eval_set.command("add")
def add_eval_set(
    name: Annotated[str, typer.Argument(help="Name and version of the set")],
    path: Annotated[Path, typer.Argument(help="JSON lines: prompt, task_type, reference")],
    config: Config = None,
) -> None:
    """Freeze a file of eval prompts; no dataset will hold them or a twin from now on."""
    from flows import datasets

    datasets.add_eval_set(load(config), name, path)


@eval_set.command("list")
def list_eval_sets(config: Config = None, as_json: Json = False) -> None:
    """List every eval set."""
    from flows import datasets

    datasets.show_eval_sets(load(config), as_json=as_json)


def _days(first: str | None, last: str | None) -> tuple[date | None, date | None]:
    days = day_of(first, "--from") if first else None, day_of(last, "--to") if last else None
    if days[0] and days[1] and days[0] > days[1]:
        raise SettingsError(f"--from {first} is after --to {last}. Swap them.")
    return days


dataset.add_typer(version_commands.app)
app.add_typer(dataset, name="dataset")
app.add_typer(eval_set, name="eval")
