"""Which checkpoint a run that died goes on from: the newest whole one of the very same run."""

import shutil
from pathlib import Path

from tasks.sft.weights import ADAPTER

# transformers takes the highest number, whole or not; without optimizer or scheduler it even
# goes on without a word, with other weights in the end. trainer_state.json is written last.
_WHOLE = ("trainer_state.json", "optimizer.pt", "scheduler.pt", "training_args.bin")
_CONFIGS = ("config.json", ADAPTER)
_FOLDER = "checkpoint-"


def resume_point(folder: Path, fingerprint: str, processes: int = 1) -> tuple[int, Path | None]:
    """Return (step, checkpoint) to go on from, (0, None) for the start.

    Checkpoints of a run with another fingerprint (other rows, other settings) are deleted.
    """
    mark = folder / "fingerprint"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark.write_text(fingerprint, encoding="utf-8")
    return newest_whole(folder, processes) or (0, None)


def newest_whole(folder: Path, processes: int = 1) -> tuple[int, Path] | None:
    """Find the newest whole checkpoint, as (step, folder), and delete the torn ones.

    A torn one left behind would count when old checkpoints make room for new ones.
    """
    found = sorted((int(path.name.removeprefix(_FOLDER)), path) for path in _checkpoints(folder))
    whole = [(step, path) for step, path in found if _is_whole(path, processes)]
    for step, path in found:
        if (step, path) not in whole:
            shutil.rmtree(path)
    return whole[-1] if whole else None


def _checkpoints(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"{_FOLDER}*") if path.name[len(_FOLDER) :].isdigit()]


def _is_whole(path: Path, processes: int) -> bool:
    has_weights = any(path.glob("*.safetensors"))
    has_config = any((path / name).is_file() for name in _CONFIGS)
    many = [f"rng_state_{rank}.pth" for rank in range(processes)]
    states = ["rng_state.pth"] if processes == 1 else many
    others = all((path / name).is_file() for name in (*_WHOLE, *states))
    return has_weights and has_config and others
