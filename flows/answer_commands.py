"""Commands about how answers are asked for: the preview of a request, and the few-shot pool."""

from pathlib import Path
from typing import Annotated

import typer

from flows.options import Config, Json
from schemas.errors import SettingsError
from schemas.settings_file import load

app = typer.Typer()
pool = typer.Typer(
    help="The few-shot pool: examples that the strong model is shown.", no_args_is_help=True
)

Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, or beginnings of them")]


@app.command()
def answer(
    preview: Annotated[
        str | None, typer.Option(metavar="ID", help="Prompt whose request to show")
    ] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show the exact request for each answer to a prompt; nothing is sent."""
    if preview is None:
        raise SettingsError("`flywheel run` asks for answers; --preview ID shows a request.")
    from flows import answering

    answering.show_preview(load(config), preview, as_json=as_json)


@pool.command("add")
def add_examples(
    given: Annotated[list[str], typer.Argument(metavar="FILE...|ID...", help="JSON lines, or ids")],
    from_answers: Annotated[
        bool, typer.Option("--from-answers", help="Ids of answers that you have reviewed")
    ] = False,
    config: Config = None,
) -> None:
    """Freeze the next version of the pool, with these examples too."""
    cfg = load(config)
    from flows import answering

    if from_answers:
        answering.add_answers(cfg, given)
    else:
        answering.add_files(cfg, [Path(path) for path in given])


@pool.command("list")
def list_examples(as_json: Json = False, config: Config = None) -> None:
    """List the versions of the pool, and the examples of the latest."""
    from flows import answering

    answering.show_pool(load(config), as_json=as_json)


@pool.command("remove")
def remove_examples(ids: Ids, config: Config = None) -> None:
    """Freeze the next version of the pool, without these examples."""
    from flows import answering

    answering.remove(load(config), ids)


app.add_typer(pool, name="pool")
