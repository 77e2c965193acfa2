"""Commands on frozen datasets: compare, verify, remove."""

from typing import Annotated

import typer

from flows.options import Config, Json
from schemas.settings_file import load

app = typer.Typer()
Version = Annotated[str, typer.Argument(help="Dataset version")]


@app.command("diff")
def diff_datasets(a: Version, b: Version, config: Config = None, as_json: Json = False) -> None:
    """Show what B has that A has not: rows, columns, lengths, shares of the loss."""
    from flows import dataset_versions

    dataset_versions.diff(load(config), a, b, as_json=as_json)


@app.command("verify")
def verify_dataset(version: Version, config: Config = None) -> None:
    """Hash the rows of a dataset again; exit code 1 if they are not what was frozen."""
    from flows import dataset_versions

    dataset_versions.verify(load(config), version)


@app.command("remove")
def remove_dataset(version: Version, config: Config = None) -> None:
    """Delete a dataset that no model has learned from; exit code 1 if one has."""
    from flows import dataset_versions

    dataset_versions.remove(load(config), version)


@app.command("prune")
def prune_datasets(
    keep: Annotated[int, typer.Option(min=1, help="How many of the newest stay in any case")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go")] = False,
    config: Config = None,
) -> None:
    """Delete older datasets that no model has learned from."""
    from flows import dataset_versions

    dataset_versions.prune(load(config), keep, dry_run=dry_run)
