"""The processes of one run: the first one writes files, the others only compute."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch.distributed as dist


def is_main() -> bool:
    """Say whether this process is the one that writes."""
    return os.environ.get("RANK", "0") == "0"


def wait() -> None:
    """Wait for the other processes, if there are any."""
    if dist.is_available() and dist.is_initialized():
        dist.barrier()


@contextmanager
def main_first() -> Iterator[None]:
    """Let the writing process go first, the others after it."""
    if not is_main():
        wait()
    yield
    if is_main():
        wait()


def any_of(said: bool) -> bool:
    """Return whether any process says so: all must decide alike, or they wait for ever."""
    if not (dist.is_available() and dist.is_initialized()):
        return said
    answers: list[bool] = [False] * dist.get_world_size()
    dist.all_gather_object(answers, said)
    return any(answers)
