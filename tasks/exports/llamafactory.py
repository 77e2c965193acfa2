"""LLaMA-Factory's `dataset_info.json`, which names the columns of its two formats."""

import json
from collections.abc import Sequence
from typing import Any

from tasks.exports.wanted import Wanted
from tasks.exports.written import Split

_ENTRIES: dict[str, dict[str, Any]] = {
    "alpaca": {
        "columns": {
            "prompt": "instruction",
            "query": "input",
            "response": "output",
            "system": "system",
            "history": "history",
        }
    },
    "sharegpt": {
        "formatting": "sharegpt",
        "columns": {"messages": "conversations", "system": "system", "tools": "tools"},
    },
}


def name_of(wanted: Wanted, split: str) -> str:
    """Return the name that a split goes by there."""
    return f"{wanted.version}_{split}"


def dataset_info(wanted: Wanted, splits: Sequence[Split]) -> str | None:
    """Return the file's text: an entry per split, a folder each; None for other formats."""
    entry = _ENTRIES.get(wanted.format)
    if entry is None:
        return None
    entries = {name_of(wanted, one.name): {"file_name": one.name, **entry} for one in splits}
    return json.dumps(entries, ensure_ascii=False, indent=2) + "\n"
