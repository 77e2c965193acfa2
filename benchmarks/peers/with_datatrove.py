"""datatrove: signatures, buckets, clusters and filter with its defaults, a run per task type."""

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from told import Rows, by_kind, keep


def kept(rows: Rows) -> list[int]:
    """Return the rows that the filter lets through."""
    with TemporaryDirectory() as folder:
        given = Path(folder) / "in" / "rows.jsonl"
        given.parent.mkdir()
        lines = (json.dumps({"id": str(n), "text": text}) + "\n" for n, text in rows)
        given.write_text("".join(lines))
        at, cfg = (lambda name: f"{folder}/{name}"), MinhashConfig()
        _run(JsonlReader(at("in")), MinhashDedupSignature(at("signatures"), config=cfg))
        _run(
            MinhashDedupBuckets(at("signatures"), at("buckets"), config=cfg), tasks=cfg.num_buckets
        )
        _run(MinhashDedupCluster(at("buckets"), at("removed"), config=cfg))
        out = JsonlWriter(at("out"), compression=None)
        _run(JsonlReader(at("in")), MinhashDedupFilter(at("removed")), out)
        written = Path(at("out")).glob("*.jsonl")
        return [int(json.loads(line)["id"]) for one in written for line in one.open()]


def _run(*steps: object, tasks: int = 1) -> None:
    with TemporaryDirectory() as logs:  # else beside whoever asks
        LocalPipelineExecutor(pipeline=list(steps), tasks=tasks, logging_dir=logs).run()


keep(n for rows in by_kind() for n in kept(rows))
