"""Make the demo's base model in a process of its own."""

from collections.abc import Sequence
from pathlib import Path


def make_base_in_child(folder: Path, texts: Sequence[str], seed: int = 7) -> Path:
    """Make the base model of the demo in `folder` and return it."""
    from tasks.demo.student import make_base  # noqa: PLC0415

    return make_base(folder, texts, seed)
