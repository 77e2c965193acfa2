"""`flywheel dataset export`: a dataset for another trainer."""

from flows import console
from schemas.settings import FlywheelSettings
from tasks.exports.export import export
from tasks.exports.wanted import Wanted


def run_export(cfg: FlywheelSettings, wanted: Wanted) -> None:
    """Write an export, and say how many rows are in it and which are not, and why."""
    done = export(cfg, wanted)
    rows = sum(split.rows for split in done.splits)
    console.out.print(f"wrote {rows} rows to {wanted.out}", soft_wrap=True)
    if done.left_out.counts:
        count = done.left_out.counts.total()
        said = f"left out {count} rows: {done.left_out.summary()}"
        console.out.print(said, soft_wrap=True)
