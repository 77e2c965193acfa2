"""`flywheel answer --preview` and `flywheel pool`: what the strong model is shown."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flows import console
from schemas.settings import FlywheelSettings
from schemas.task_types import load
from tasks.adapters import store
from tasks.answering.preview import previews
from tasks.pool import file, reviewed, versions


def show_preview(cfg: FlywheelSettings, wanted: str, *, as_json: bool) -> None:
    """Print the request for each sample of a prompt.

    Raises:
        StoreError: there is no warehouse yet.
        NotFound: no such prompt, or none that would be answered.
    """
    if cfg.warehouse.exists():
        store.prepare(cfg.warehouse)
    found = [preview.flat for preview in previews(cfg, wanted)]
    if as_json:
        console.raw(json.dumps(found, ensure_ascii=False))
        return
    console.raw("\n".join(_heading(found)))
    for message in found[0]["request"]["messages"]:  # the same for every sample
        console.raw(f"\n--- {message['role']}\n{message['content']}")


def add_files(cfg: FlywheelSettings, paths: Sequence[Path]) -> None:
    """Freeze a version of the pool with the examples of files."""
    types = load(cfg.task_types)
    _add(cfg, [row for path in paths for row in file.examples(path, types)])


def add_answers(cfg: FlywheelSettings, ids: Sequence[str]) -> None:
    """Freeze a version of the pool with answers that a person has looked at."""
    store.prepare(cfg.warehouse)
    _add(cfg, reviewed.examples(cfg.warehouse, ids, load(cfg.task_types)))


def remove(cfg: FlywheelSettings, ids: Sequence[str]) -> None:
    """Freeze a version of the pool without some examples."""
    store.prepare(cfg.warehouse)
    _tell(cfg, versions.remove(cfg, ids), "removed")


def show_pool(cfg: FlywheelSettings, *, as_json: bool) -> None:
    """Print every version of the pool, and the examples of the latest."""
    if cfg.warehouse.exists():
        store.prepare(cfg.warehouse)
    known, latest = versions.listed(cfg.warehouse)
    if as_json:
        console.raw(f'{{"versions": {known.write_json()}, "examples": {latest.write_json()}}}')
        return
    console.table(known, "Versions")
    columns = ("example_id", "area", "kind", "language", "origin", "added_in", "prompt", "answer")
    console.table(latest.select(columns), "Examples of the latest version")


def _add(cfg: FlywheelSettings, rows: list[dict[str, Any]]) -> None:
    store.prepare(cfg.warehouse)
    _tell(cfg, versions.add(cfg, rows), "added")


def _tell(cfg: FlywheelSettings, version: versions.Version, done: str) -> None:
    from tasks.publish import publish_now  # and with it Prefect, which a preview need not wait for

    publish_now(cfg.warehouse, cfg.published)
    console.out.print(
        f"pool version {version.number}: {version.examples} examples, {version.changed} {done}"
    )


def _heading(found: list[dict[str, Any]]) -> list[str]:
    """Say what is behind the request, a fact a line."""
    first = found[0]
    params = {key: value for key, value in first["request"].items() if key != "messages"}
    pool = "none" if first["pool_version"] is None else f"version {first['pool_version']}"
    bought = sum(each["bought"] for each in found)
    facts = {
        "prompt": f"{first['prompt_id']} ({first['task_type']})",
        "endpoint": f"{first['endpoint']} at {first['base_url'] or '(no address set)'}",
        "template": first["template"],
        "pool": f"{pool}; examples: {', '.join(first['few_shot_ids']) or 'none'}",
        "parameters": json.dumps(params, ensure_ascii=False),
        "samples": f"{len(found)}, each a call of its own; {bought} bought already",
        "not sent": first["unsent"],
    }
    return [f"{name:<10}  {fact}" for name, fact in facts.items() if fact]
