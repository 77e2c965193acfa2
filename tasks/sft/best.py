"""The weights of the step that was best on validation rows, kept beside the checkpoints."""

import os
import shutil
from pathlib import Path

_FOLDER = "best"
_WEIGHTS = ("model*.safetensors*", "adapter_*")  # one file, or shards with their index; of LoRA


def keep(checkpoint: Path) -> None:
    """Keep the weights of a checkpoint as the best so far; they take no room of their own."""
    folder = checkpoint.with_name(_FOLDER)
    unready = folder.with_name(f"{_FOLDER}.tmp")
    shutil.rmtree(unready, ignore_errors=True)
    unready.mkdir()
    for file in (file for pattern in _WEIGHTS for file in checkpoint.glob(pattern)):
        _link(file, unready / file.name)
    (unready / "step").write_text(checkpoint.name.rpartition("-")[2], encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    unready.rename(folder)


def kept(checkpoints: Path) -> tuple[int, Path] | None:
    """Return (step, folder) of the weights that are kept, if there are any."""
    folder = checkpoints / _FOLDER
    told = folder / "step"
    return (int(told.read_text(encoding="utf-8")), folder) if told.is_file() else None


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # a file system without hard links
        shutil.copyfile(source, target)
