"""Files of `dataset.keep_out`: which there are, and whether they hold what they held."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from schemas.errors import DatasetError

FORMATS = (".jsonl", ".json", ".csv", ".parquet", ".txt")


def files(paths: Sequence[Path]) -> list[Path]:
    """Return files as they are, and of folders those that can hold prompts, by name.

    Raises:
        DatasetError: there is nothing of that name, or it holds no such file.
    """
    found = list[Path]()
    for path in paths:
        inside = sorted(one for one in path.rglob("*") if one.suffix in FORMATS)
        some = [path] if path.is_file() and path.suffix in FORMATS else inside
        if not some:
            raise DatasetError(
                f"dataset.keep_out: {path} is no file or folder with {', '.join(FORMATS)}."
            )
        found += some
    return found


def content(paths: Sequence[Path]) -> list[str]:
    """Return the hash of each file: where it lies decides nothing."""
    return sorted(sha256(path.read_bytes()).hexdigest() for path in files(paths))
