"""Which checkpoint a run that died goes on from: the newest whole one of the very same run."""

import shutil
from pathlib import Path

from tasks.sft.intact import is_intact
from tasks.sft.weights import ADAPTER

# transformers takes the highest number, whole or not; without optimizer or scheduler it even
# goes on without a word, with other weights in the end.
_LAST = "trainer_state.json"
_OTHERS = ("optimizer.pt", "scheduler.pt", "training_args.bin")
_CONFIGS = ("config.json", ADAPTER)
_FOLDER = "checkpoint-"


def resume_point(
    folder: Path, fingerprint: str, processes: int = 1, *, is_split: bool = False
) -> tuple[int, Path | None]:
    """Return (step, checkpoint) to go on from, (0, None) for the start.

    Checkpoints of a run with another fingerprint (other rows, other settings) are deleted.
    """
    mark = folder / "fingerprint"
    if not mark.is_file() or mark.read_text(encoding="utf-8") != fingerprint:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        mark.write_text(fingerprint, encoding="utf-8")
    return newest_whole(folder, processes, is_split=is_split) or (0, None)


def newest_whole(
    folder: Path, processes: int = 1, *, is_split: bool = False
) -> tuple[int, Path] | None:
    """Find the newest whole checkpoint, as (step, folder), and delete the torn ones.

    What is in one whose weights are split is up to FSDP or DeepSpeed: the last file tells.
    A torn one left behind would count when old checkpoints make room for new ones.
    """
    found = sorted((int(path.name.removeprefix(_FOLDER)), path) for path in _checkpoints(folder))
    whole = [(step, path) for step, path in found if _is_whole(path, processes, is_split)]
    for step, path in found:
        if (step, path) not in whole:
            shutil.rmtree(path)
    return whole[-1] if whole else None


def _checkpoints(folder: Path) -> list[Path]:
    return [path for path in folder.glob(f"{_FOLDER}*") if path.name[len(_FOLDER) :].isdigit()]


def _is_whole(path: Path, processes: int, is_split: bool) -> bool:
    many = [f"rng_state_{rank}.pth" for rank in range(processes)]
    states = ["rng_state.pth"] if processes == 1 else many
    files = [_LAST, *states, *(() if is_split else _OTHERS)]
    has_config = is_split or any((path / name).is_file() for name in _CONFIGS)
    has_weights = is_split or any(path.glob("*.safetensors"))
    has_all = has_config and has_weights and all((path / name).is_file() for name in files)
    return has_all and all(is_intact(file) for file in path.iterdir() if file.is_file())
