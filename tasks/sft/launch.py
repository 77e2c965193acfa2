"""How the processes of a run are started: one, several by torchrun, or by `accelerate launch`."""

from pathlib import Path
from typing import Any

import yaml

from schemas.errors import SettingsError
from schemas.release_settings import TrainSettings
from tasks.sft.spec import Sharding, TrainSpec

_SHARDING: dict[str, Sharding] = {"FSDP": "fsdp", "DEEPSPEED": "deepspeed"}
_STARTED = ("MULTI_GPU", *_SHARDING)  # of others accelerate starts one process on one machine


def command(spec: TrainSpec) -> tuple[str, ...]:
    """Return what stands between Python and the module that is run."""
    if spec.accelerate_config:
        config = ("--config_file", str(spec.accelerate_config))
        return ("-m", "accelerate.commands.launch", *config)
    if spec.processes == 1:
        return ()
    count = f"--nproc-per-node={spec.processes}"
    return ("-m", "torch.distributed.run", "--standalone", count)


def launched(cfg: TrainSettings) -> dict[str, Any]:
    """Return what a configuration of accelerate decides of a `TrainSpec`; nothing without one.

    Raises:
        SettingsError: it cannot be read, is of several machines, splits the weights under LoRA, or
            `processes` says otherwise.
    """
    if cfg.accelerate_config is None:
        return {}
    said = _read(cfg.accelerate_config)
    kind, count = said.get("distributed_type"), said.get("num_processes")
    if kind not in _STARTED or not isinstance(count, int):
        raise _wrong(
            cfg.accelerate_config,
            f"distributed_type {kind} and num_processes {count}; wanted is one of "
            f"{', '.join(_STARTED)}, and a number",
        )
    if said.get("num_machines", 1) != 1:
        raise _wrong(cfg.accelerate_config, "several machines, and a run is on one")
    if cfg.processes not in {1, count}:
        raise _wrong(
            cfg.accelerate_config,
            f"num_processes {count}, `processes` under [train] says {cfg.processes}: unset that",
        )
    if cfg.lora.rank and kind in _SHARDING:
        raise _wrong(
            cfg.accelerate_config,
            f"distributed_type {kind}, and LoRA's matrices are merged into weights that are whole: "
            "set `rank = 0` under [train.lora], or split nothing",
        )
    return {"processes": count, "sharding": _SHARDING.get(kind)}


def _read(path: Path) -> dict[str, Any]:
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SettingsError(
            f"`accelerate_config` under [train], {path}, cannot be read: "
            f"{str(error).splitlines()[0]}. deploy/accelerate has some to copy."
        ) from None
    return said if isinstance(said, dict) else {}


def _wrong(path: Path, found: str) -> SettingsError:
    return SettingsError(f"`accelerate_config` under [train], {path}, says {found}.")
