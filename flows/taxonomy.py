"""`flywheel taxonomy check`: what is wrong or weak in the list of task types."""

import json

import polars as pl

from flows import console
from schemas.settings import FlywheelSettings
from schemas.task_examples import load_examples
from schemas.task_types import SHIPPED, load
from tasks.adapters import store
from tasks.taxonomy import STORED, Finding, Taxonomy, findings, kinds_per_area


def check_taxonomy(cfg: FlywheelSettings, *, as_json: bool) -> int:
    """Print every finding, one a line; return 1 when one of them is an error."""
    types = load(cfg.task_types)
    found = findings(Taxonomy(types, load_examples(types), _stored(cfg)))
    file, areas = str(cfg.task_types or SHIPPED), kinds_per_area(types)
    if as_json:
        body = {"file": file, "version": types.version, "kinds_per_area": areas}
        rows = [finding._asdict() for finding in found]
        console.raw(json.dumps({**body, "findings": rows}, ensure_ascii=False))
    else:
        listed = ", ".join(f"{area} {count}" for area, count in areas.items())
        console.raw(f"{file}: version {types.version}, {len(types.labels)} kinds: {listed}")
        for finding in found:
            console.raw(_line(file, finding))
    return 1 if any(finding.level == "error" for finding in found) else 0


def _line(file: str, finding: Finding) -> str:
    where = f"{file}: {finding.kind}" if finding.kind else file
    return f"{finding.level}: {where}: {finding.seen}; {finding.fix}"


def _stored(cfg: FlywheelSettings) -> pl.DataFrame:
    """Return what the tags in the warehouse are, or nothing where there is none yet."""
    if not cfg.warehouse.exists():
        return pl.DataFrame(schema=STORED)
    return store.query(cfg.warehouse, "stored_tags")
