"""Whether a file was written to its end, told by its format: no tensor is read."""

import json
from collections.abc import Callable
from pathlib import Path
from zipfile import is_zipfile

_HEADER_SIZE = 8  # bytes before the header of a safetensors file: its length, little-endian


def is_intact(path: Path) -> bool:
    """Look at where a file ends: torch's end with a zip directory, safetensors say their size."""
    look = _LOOKS.get(path.suffix)
    return look is None or look(path)


def _has_all_tensors(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(_HEADER_SIZE), "little")
            tensors = json.loads(file.read(min(length, path.stat().st_size)))
    except ValueError:
        return False
    tensors.pop("__metadata__", None)
    end = max((one["data_offsets"][1] for one in tensors.values()), default=0)
    return bool(path.stat().st_size == _HEADER_SIZE + length + end)


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_bytes())
    except ValueError:
        return False
    return True


_LOOKS: dict[str, Callable[[Path], bool]] = {
    ".safetensors": _has_all_tensors,
    ".json": _is_json,
    **dict.fromkeys((".pt", ".pth", ".bin"), is_zipfile),
}
