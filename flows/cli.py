"""The command line. Commands that only read stay free of Prefect."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows import answer_commands, console, release_commands
from flows.options import Config, Estimate, Json, day_of
from schemas.errors import FlywheelError, Refused, SettingsError
from schemas.settings import FlywheelSettings
from schemas.settings_file import load

app = typer.Typer(
    help="A data flywheel for supervised fine-tuning: user logs in, a better model out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Live = Annotated[bool, typer.Option("--live", help="Read the warehouse itself, within 10 s")]
app.add_typer(release_commands.app)
app.add_typer(answer_commands.app)
taxonomy = typer.Typer(help="The closed list of task types.", no_args_is_help=True)
app.add_typer(taxonomy, name="taxonomy")
tag = typer.Typer(
    help="The local classifier that spares calls for task types.", no_args_is_help=True
)
app.add_typer(tag, name="tag")

Restage = Annotated[
    list[str] | None, typer.Option("--restage", help="Make this stage's rows anew; repeatable")
]
Force = Annotated[bool, typer.Option("--force", help="Make the rows of every stage anew")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before making rows anew")]
MaxCalls = Annotated[int | None, typer.Option(help="Stop after this many calls to the model")]
MaxUsd = Annotated[float | None, typer.Option(help="Stop after this spend, in USD")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Ask again what was refused")]


def main() -> None:
    """Run one command: 0 done, 1 a check or cap said no, 2 a mistake the user can mend."""
    try:
        app()
    except FlywheelError as error:
        console.err.print(f"flywheel: {error}", soft_wrap=True)
        sys.exit(1 if isinstance(error, Refused) else 2)


@app.command()
def demo(
    folder: Annotated[Path, typer.Option("--dir", help="Where the demo lives")] = Path("var/demo"),
    chats_per_day: Annotated[int, typer.Option(min=30, help="Size of the world")] = 800,
    epochs: Annotated[float, typer.Option(help="Times that a student sees its rows")] = 6.0,
    each: Annotated[int, typer.Option(min=1, help="Held-out prompts per task type")] = 60,
) -> None:
    """Turn the whole wheel twice, offline: made-up logs, a scripted teacher, a tiny student."""
    console.quiet_surroundings(folder.absolute() / "var")
    from flows.demo import run_demo

    sys.exit(run_demo(folder, chats_per_day, epochs, each))


@app.command("demo-teacher")
def demo_teacher(
    port: Annotated[int, typer.Option(help="Port on loopback")] = 8399,
) -> None:
    """Serve the scripted OpenAI-compatible teacher in the foreground."""
    from tasks.demo import teacher

    console.out.print(f"base_url = http://127.0.0.1:{port}/v1   model = {teacher.MODEL}")
    teacher.main(port)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="Where to write")] = Path()) -> None:
    """Write flywheel.toml, task_types.toml and .env.example."""
    from flows.starter import write_starter

    for path in write_starter(folder):
        console.out.print(f"wrote {path}")
    console.out.print("Put logs into ./logs and a model into [llm], then: flywheel run")


@app.command()
def doctor(config: Config = None, as_json: Json = False) -> None:
    """Show every setting and where it differs, and whether all that is needed can be reached."""
    from flows.checkup import checkup

    sys.exit(checkup(load(config), as_json=as_json))


@app.command()
def status(config: Config = None, as_json: Json = False) -> None:
    """Show the last good day per stage, what is stale or pending, the spend and the models."""
    from flows.report import show_status

    show_status(load(config), as_json=as_json)


@taxonomy.command("check")
def check_taxonomy(config: Config = None, as_json: Json = False) -> None:
    """Say what is wrong or weak in the list of task types; an error ends it with 1."""
    from flows import taxonomy

    sys.exit(taxonomy.check_taxonomy(load(config), as_json=as_json))


@app.command()
def pull(
    paths: Annotated[list[str] | None, typer.Argument(help="Files, folders or globs")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what is there")] = False,
    config: Config = None,
) -> None:
    """Read what is new in the logs into the store, or only say what was recognised."""
    cfg = load(config)
    from flows.pulling import pull_paths, show_paths

    if dry_run:
        sys.exit(show_paths(cfg, paths or []))
    console.quiet_surroundings(cfg.var)
    pull_paths(cfg, paths or [])


@app.command()
def redact(
    again: Annotated[
        bool, typer.Option("--again", help="Go over all that is stored, by today's rules")
    ] = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Redact what the store holds by the rules of today; pull does so with what is new."""
    if not again:
        raise SettingsError("`flywheel pull` redacts what is new; --again goes over the store.")
    cfg = load(config)
    from flows.pulling import redact_store

    console.quiet_surroundings(cfg.var)
    redact_store(cfg, as_json=as_json)


@app.command("filter")
def filter_(
    would: Annotated[
        bool, typer.Option("--what-if", help="Say what the settings of now would keep")
    ] = False,
    first: Annotated[str | None, typer.Option("--from", help="First UTC day")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last UTC day, included")] = None,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Show what changed rules would keep and drop of the stored prompts; nothing is written."""
    if not would:
        raise SettingsError("`flywheel run` filters; --what-if shows what changed rules would do.")
    cfg = load(config)
    from flows.filtering import show_what_if

    days = day_of(first, "--from") if first else None, day_of(last, "--to") if last else None
    if days[0] and days[1] and days[0] > days[1]:
        raise SettingsError(f"--from {first} is after --to {last}. Swap them.")
    show_what_if(cfg, *days, as_json=as_json)


@app.command()
def run(
    day: Annotated[str | None, typer.Option(help="UTC day; default: the latest with chats")] = None,
    force: Force = False,
    restage: Restage = None,
    yes: Yes = False,
    max_calls: MaxCalls = None,
    max_usd: MaxUsd = None,
    retry_failed: RetryFailed = False,
    estimate: Estimate = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Pull, then run every stage for one day and for stale days near it."""
    _json_only_of_estimates(estimate=estimate, as_json=as_json)
    cfg = load(config, {"caps.max_calls": max_calls, "caps.max_usd": max_usd})
    console.quiet_surroundings(cfg.var)
    from flows.running import Order, estimate_day, run_day

    order = Order(force=force, restage=restage or [], yes=yes, retry_failed=retry_failed)
    asked = day_of(day, "--day") if day else None
    if estimate:
        estimate_day(cfg, asked, order, as_json=as_json)
        return
    sys.exit(run_day(cfg, asked, order))


@app.command()
def backfill(
    first: Annotated[str, typer.Option("--from", help="First UTC day")],
    last: Annotated[str, typer.Option("--to", help="Last UTC day, included")],
    stages: Annotated[str | None, typer.Option(help="Only these, separated by commas")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would run")] = False,
    force: Force = False,
    restage: Restage = None,
    yes: Yes = False,
    max_calls: MaxCalls = None,
    max_usd: MaxUsd = None,
    estimate: Estimate = False,
    as_json: Json = False,
    config: Config = None,
) -> None:
    """Pull, then run every stage for each day of a range that has chats."""
    _json_only_of_estimates(estimate=estimate, as_json=as_json)
    cfg = load(config, {"caps.max_calls": max_calls, "caps.max_usd": max_usd})
    from flows.running import Order, estimate_range, run_range, show_range

    only = [name.strip() for name in stages.split(",")] if stages else []
    order = Order(force=force, restage=restage or [], yes=yes, only=only)
    days = day_of(first, "--from"), day_of(last, "--to")
    if days[0] > days[1]:
        raise SettingsError(f"--from {first} is after --to {last}. Swap them.")
    if dry_run:
        show_range(cfg, *days, order)
        return
    console.quiet_surroundings(cfg.var)
    if estimate:
        estimate_range(cfg, *days, order, as_json=as_json)
        return
    sys.exit(run_range(cfg, *days, order))


def _json_only_of_estimates(*, estimate: bool, as_json: bool) -> None:
    if as_json and not estimate:
        raise SettingsError("--json is for --estimate; `flywheel status --json` says what ran.")


@tag.command("train")
def tag_train(as_json: Json = False, config: Config = None) -> None:
    """Train the classifier on what the strong model has said, and say how good it is."""
    from flows.tagging import train

    train(load(config), as_json=as_json)


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="SQL, such as 'FROM funnel'")],
    format: Annotated[str, typer.Option(help="table, csv or json")] = "table",
    live: Live = False,
    config: Config = None,
) -> None:
    """Query the published data."""
    from flows.report import show_sql

    show_sql(load(config), query, format, live=live)


@app.command()
def shell(live: Live = False, config: Config = None) -> None:
    """Query the published data, line by line."""
    from flows.report import read_lines

    read_lines(load(config), live=live)


@app.command()
def explain(
    id: Annotated[str, typer.Argument(help="Id of a record, chat, prompt or answer; FILE:LINE")],
    as_json: Json = False,
    live: Live = False,
    config: Config = None,
) -> None:
    """Show one id's whole path, from log line to training row or the reason it stopped."""
    from flows.report import show_journey

    show_journey(load(config), id, as_json=as_json, live=live)


@app.command()
def publish(config: Config = None) -> None:
    """Publish what is in the warehouse now to the file that analysts open."""
    from tasks.adapters import store
    from tasks.publish import publish_now

    cfg: FlywheelSettings = load(config)
    store.prepare(cfg.warehouse)
    console.out.print(f"published {publish_now(cfg.warehouse, cfg.published)}")


@app.command()
def backup(
    keep: Annotated[int, typer.Option(min=1, help="Backups that stay, the newest ones")] = 3,
    config: Config = None,
) -> None:
    """Copy the warehouse to var/backups, and delete the journal segments that it covers."""
    from tasks.backup import back_up

    done = back_up(load(config).warehouse, keep)
    gone = f"{done.segments} loaded journal segments, {done.backups} older backups"
    console.out.print(f"wrote {done.path}; deleted {gone}")


if __name__ == "__main__":
    main()
