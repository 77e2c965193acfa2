"""The rows of a frozen dataset as a training run reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tasks.adapters import store
from tasks.exports.tools import offered_tools


def training_rows(warehouse: Path, version: str, split: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of one split as `TrainSpec.rows` wants them, in the order of their ids."""
    rows = store.select(warehouse, _ROWS, version=version, split=split)
    for row in rows.iter_rows(named=True):
        *prompt, answer = row["messages"]
        yield {
            "id": row["answer_id"],
            "prompt": prompt,
            "completion": [answer],
            "copies": row["copies"],
            "task_type": f"{row['area']}/{row['kind']}",
            "tools": offered_tools(row["tools"]),
            **({"learned_turns": row["learned_turns"]} if row["learned_turns"] else {}),
        }


_ROWS = """
SELECT answer_id, messages, learned_turns, copies, area, kind, tools FROM sft_rows
WHERE dataset_version = $version AND split = $split ORDER BY answer_id
"""
