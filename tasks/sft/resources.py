"""Whether disk and memory will do: estimates from the number of parameters."""

import shutil
from pathlib import Path
from typing import Any

import torch

from tasks.sft.spec import Check, TrainSpec
from tasks.sft.trainer import KEPT_CHECKPOINTS

_WEIGHTS = 4  # bytes a parameter: fp32
_ADAM = 8  # its two moments in fp32
_GRADIENT = 4
_GB = 1e9


def disk(model: Any, spec: TrainSpec) -> Check:
    """Ask for room for checkpoints, one that is being written, the best weights and the model."""
    count = parameters(model)
    saved = model.num_parameters() if spec.lora.merge else count
    needed = count * ((KEPT_CHECKPOINTS + 2) * (_WEIGHTS + _ADAM) + _WEIGHTS) + saved * _WEIGHTS
    free = shutil.disk_usage(spec.out).free
    return Check(
        name="disk",
        passed=needed < free,
        finding=f"about {needed / _GB:.2f} GB for checkpoints and model, {free / _GB:.0f} GB free",
        fix=f"Make room on the disk of {spec.out}.",
    )


def memory(model: Any) -> Check:
    """Ask for memory for weights, gradients and the optimizer; what a batch takes comes on top."""
    needed = parameters(model) * (_GRADIENT + _ADAM)  # the weights are loaded already
    free = _free_memory()
    return Check(
        name="memory",
        passed=free is None or needed < free,
        finding=f"about {needed / _GB:.2f} GB for gradients and optimizer, "
        f"{'an unknown amount' if free is None else f'{free / _GB:.0f} GB'} free",
        fix="Take a smaller base model, or a machine with more memory.",
    )


def parameters(model: Any) -> int:
    """Count the parameters that are trained."""
    return sum(one.numel() for one in model.parameters() if one.requires_grad)


def _free_memory() -> int | None:
    """Return the bytes that are free on the GPU, else on the machine; None if nobody knows."""
    if torch.cuda.is_available():
        return int(torch.cuda.mem_get_info()[0])
    told = Path("/proc/meminfo")
    lines = told.read_text(encoding="utf-8").splitlines() if told.is_file() else []
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1_024 if found else None
