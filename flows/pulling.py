"""`flywheel pull`: read the logs, or say what is in them."""

import json
from collections import Counter
from dataclasses import asdict
from datetime import date
from pathlib import Path

import polars as pl

from flows import console
from schemas.settings import FlywheelSettings, SourceSettings
from tasks.adapters import store
from tasks.intake.days import Asked
from tasks.intake.manifest import NewBytes
from tasks.intake.read import read_file
from tasks.redaction.rules import Rules, rules_of

_PROBLEMS = 10  # shown by a dry run


def pull_paths(cfg: FlywheelSettings, paths: list[str]) -> None:
    """Pull the sources of the settings, or `paths` in their place."""
    from schemas.run import Run
    from tasks.pull import pull_new

    cfg = _with_paths(cfg, paths)
    store.prepare(cfg.warehouse)
    days = pull_new(Run(cfg=cfg))
    console.out.print(
        f"{len(days)} days have something new" + (f": {days[0]} to {days[-1]}" if days else "")
    )
    if days:
        _show_quarantine(cfg.warehouse, days[0], days[-1])


def _show_quarantine(warehouse: Path, first: date, last: date) -> None:
    broken = store.query(warehouse, "quarantined", first=first, last=last)
    if broken.height:
        console.table(broken, "What could not become a chat on these days")


def redact_store(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Redact the store by today's rules, publish it anew, and say what was found where."""
    from schemas.run import Run
    from tasks.publish import publish_now
    from tasks.redact import redact_stored

    store.prepare(cfg.warehouse)
    done = redact_stored(Run(cfg=cfg))
    if done and cfg.published.exists():
        publish_now(cfg.warehouse, cfg.published)
    rows = [asdict(each) for each in done]
    if as_json:
        console.raw(json.dumps(rows))
        return
    for row in rows:
        row["kinds"] = ", ".join(f"{kind} {n}" for kind, n in sorted(row["kinds"].items()))
    if rows:
        console.table(pl.DataFrame(rows), "Redacted by today's rules")
        console.out.print("Runs of var/training and the weights made of them are as they were.")
    else:
        console.out.print("Today's rules find nothing more in the store.")


def show_paths(cfg: FlywheelSettings, paths: list[str]) -> int:
    """Print what was recognised in each file, and the first problems; 1 when there are any."""
    files: list[dict[str, int | str]] = []
    problems: list[dict[str, str]] = []
    from tasks.pull import changed_files

    rules, asked = rules_of(cfg), Asked(store.now().date(), late_days=cfg.pull.late_days)
    unread = store.empty("pulled_files")
    for file in changed_files(_with_paths(cfg, paths), unread, asked, rules):
        found, broken = _look(file, cfg.pull.max_record_bytes, rules)
        files.append({"file": file.shown, **found})
        problems += broken[: _PROBLEMS - len(problems)]
    console.table(pl.DataFrame(files), "What is there")
    if problems:
        console.table(pl.DataFrame(problems), "First problems")
        console.out.print("Each becomes a row of `quarantine`; everything else is read.")
    return 1 if problems else 0


def _look(
    file: NewBytes, max_bytes: int, rules: Rules
) -> tuple[dict[str, int | str], list[dict[str, str]]]:
    count: Counter[str] = Counter()
    formats: Counter[str] = Counter()
    days: list[date] = []
    broken: list[dict[str, str]] = []
    for part in read_file(file, max_bytes, rules):
        count.update(row["outcome"] for row in part.records)
        formats.update(row["format"] for row in part.records if row["format"])
        days += [chat["day"] for chat in part.chats if chat["day"]]
        broken += [
            {
                "location": Path(row["location"]).name,
                "reason": row["reason"],
                "detail": row["detail"],
            }
            for row in part.quarantine[: _PROBLEMS - len(broken)]
        ]
    span = f"{min(days)} to {max(days)}" if days else "no times"
    counts = {"chats": count["chat"], "votes": count["vote"], "quarantine": count["quarantine"]}
    known = ", ".join(f"{name} {n}" for name, n in formats.most_common()) or "none"
    return {"records": count.total(), "formats": known, **counts, "days": span}, broken


def _with_paths(cfg: FlywheelSettings, paths: list[str]) -> FlywheelSettings:
    """Read `paths` under the name of the first source, so that their ids are the same later."""
    if not paths:
        return cfg
    first = cfg.sources[0]
    query = dict.fromkeys(("url", "url_env", "query"), "")
    given = {**first.model_dump(), **query, "kind": "files"}
    named = tuple(SourceSettings(**{**given, "path": _absolute(path)}) for path in paths)
    return cfg.model_copy(update={"sources": named})


def _absolute(path: str) -> str:
    return path if "://" in path else str(Path(path).absolute())
