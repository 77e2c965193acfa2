"""The YAML that opens a card: what `datasets` and the Hub read."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tasks.exports.columns import Column
from tasks.exports.written import Split

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_BARE = re.compile(r"[A-Za-z][\w./-]*")  # a scalar that YAML reads as text without quotes
_RESERVED = {"true", "false", "null", "yes", "no", "on", "off", "y", "n"}
_SPDX = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


def front(
    title: str,
    licence: str,
    languages: Sequence[str],
    tags: Sequence[str],
    splits: Sequence[Split],
    columns: Mapping[str, Column],
) -> str:
    """Return the block between the dashes; every column is declared, so none is guessed."""
    files = [{"split": one.name, "path": f"{one.name}/*"} for one in splits]
    about = {
        "pretty_name": title,
        **licence_fields(licence),
        **({"language": list(languages)} if languages else {}),
        "task_categories": ["text-generation"],
        "size_categories": [_size(sum(one.rows for one in splits))],
        "tags": list(tags),
        "configs": [{"config_name": "default", "data_files": files}],
        "dataset_info": {
            "features": [{"name": name, **column.feature} for name, column in columns.items()],
            "splits": [_split(one) for one in splits],
        },
    }
    return f"---\n{yaml(about)}---\n"


def yaml(value: Mapping[str, Any]) -> str:
    """Write a mapping as YAML, a line per value."""
    return "".join(_item(f"{key}:", said, "") for key, said in value.items())


def _item(head: str, value: Any, indent: str) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_item(f"{key}:", said, indent + "  ") for key, said in value.items())
        return f"{indent}{head}\n{inner}"
    if isinstance(value, list):
        return f"{indent}{head}\n" + "".join(_entry(one, indent) for one in value)
    return f"{indent}{head} {_scalar(value)}\n"


def _entry(value: Any, indent: str) -> str:
    if not isinstance(value, Mapping):
        return f"{indent}- {_scalar(value)}\n"
    lines = "".join(_item(f"{key}:", said, indent + "  ") for key, said in value.items())
    return f"{indent}- {lines[len(indent) + 2 :]}"


def _scalar(value: Any) -> str:
    """Write a text as JSON does, which YAML reads too, unless it is a plain word."""
    text = str(value)
    bare = isinstance(value, str) and _BARE.fullmatch(text) and text.lower() not in _RESERVED
    return text if bare else json.dumps(value, ensure_ascii=False)


def licence_fields(said: str) -> dict[str, str]:
    """Return a licence as the Hub wants it: an identifier, else `unknown` or `other` with words."""
    if said.lower().startswith("unknown"):
        return {"license": "unknown"}
    if _SPDX.fullmatch(said):
        return {"license": said.lower()}
    return {"license": "other", "license_name": said}


def _size(rows: int) -> str:
    return next((name for under, name in _SIZES if rows < under), "n>1M")


def _split(one: Split) -> dict[str, Any]:
    size = sum(path.stat().st_size for path in one.paths)
    return {"name": one.name, "num_bytes": size, "num_examples": one.rows}
