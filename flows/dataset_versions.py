"""`flywheel dataset diff`, `verify`, `remove` and `prune`: compare versions, and delete some."""

import json

import polars as pl

from flows import console
from schemas.settings import FlywheelSettings
from tasks.adapters import store
from tasks.datasets import retention, versions
from tasks.datasets.difference import Difference, difference, read
from tasks.publish import publish_now


def diff(cfg: FlywheelSettings, a: str, b: str, *, as_json: bool) -> None:
    """Print how version `b` differs from version `a`."""
    with store.reading(cfg.warehouse) as con:
        sides = read(con, a), read(con, b)
    found = difference(*sides)
    if as_json:
        _print_json(found, a, b)
        return
    console.table(found.rows, f"Rows of {b}, seen from {a}")
    for kind, figures in found.figures.items():
        title = f"By {kind}: rows, label tokens of a mean row, share of the loss; a = {a}, b = {b}"
        console.table(figures.with_columns(pl.selectors.float().round(4)), title)
    console.table(found.made_of, "What they were made of, as far as it differs")


def _print_json(found: Difference, a: str, b: str) -> None:
    frames = {"rows": found.rows, **found.figures, "made_of": found.made_of}
    frames["answers"] = found.answers
    body = {"a": a, "b": b} | {name: json.loads(rows.write_json()) for name, rows in frames.items()}
    console.raw(json.dumps(body, ensure_ascii=False))


def verify(cfg: FlywheelSettings, version: str) -> None:
    """Hash the rows of a version again, and print the hash if it is the frozen one."""
    digest = versions.verify(cfg.warehouse, version)
    console.out.print(f"{version} is as it was frozen: sha256 {digest}", soft_wrap=True)


def remove(cfg: FlywheelSettings, version: str) -> None:
    """Delete a version that no model has learned from."""
    digest = retention.remove(cfg.warehouse, version)
    publish_now(cfg.warehouse, cfg.published)
    said = f"removed {version}, sha256 {digest}; the same days and settings build it again"
    console.out.print(said, soft_wrap=True)


def prune(cfg: FlywheelSettings, keep: int, *, dry_run: bool) -> None:
    """Delete old versions that no model has learned from, or say which would go."""
    found = retention.prune(cfg.warehouse, keep, dry_run=dry_run)
    gone = found["stays"].null_count()
    if gone and not dry_run:
        publish_now(cfg.warehouse, cfg.published)
    console.table(found, "Versions; empty = goes" if dry_run else "Versions; empty = removed")
    would = "would be removed" if dry_run else "removed"
    console.out.print(f"{gone} of {found.height} {would}")
