"""What names the weights of a base model, so that a run never goes on from others."""

import json
from hashlib import sha256
from pathlib import Path

CARD = "README.md"  # says nothing to a model
ADAPTER = "adapter_config.json"  # of LoRA: the folder holds what was learned beside a base model

_EDGE_BYTES = 65_536  # of each end of a big file; a model of 7B parameters is 14 GB


def digest(model: str) -> str:
    """Return a hash of a model's folder: names and sizes of its files, small ones whole.

    Its card does not count: one that is written anew makes no other model. An adapter counts with
    its base. A name on a hub stands for itself.
    """
    said = sha256()
    folder = Path(model)
    if not folder.is_dir():
        return sha256(model.encode()).hexdigest()
    files = (path for path in folder.rglob("*") if path.is_file() and path != folder / CARD)
    for path in sorted(files):
        size = path.stat().st_size
        said.update(f"{path.relative_to(folder).as_posix()} {size}\n".encode())
        said.update(_ends(path, size))
    if base := base_of(model):
        said.update(digest(base).encode())
    return said.hexdigest()


def base_of(model: str) -> str | None:
    """Return the base model of an adapter; None for whole weights."""
    told = Path(model) / ADAPTER
    if not told.is_file():
        return None
    base: str | None = json.loads(told.read_text(encoding="utf-8"))["base_model_name_or_path"]
    return base


def _ends(path: Path, size: int) -> bytes:
    with path.open("rb") as file:
        if size <= 2 * _EDGE_BYTES:
            return file.read()
        first = file.read(_EDGE_BYTES)
        file.seek(-_EDGE_BYTES, 2)
        return first + file.read()
