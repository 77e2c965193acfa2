"""Files that settings of datasets name: which there are, and whether they hold what they held."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from schemas.errors import DatasetError

PLAIN = ".txt"  # a prompt a line
_PACKABLE = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
ENDINGS = (*(end + by for end in _PACKABLE for by in ("", ".gz", ".zst")), ".parquet", PLAIN)


def files(paths: Sequence[Path], setting: str = "dataset.keep_out") -> list[Path]:
    """Return files as they are, and of folders those that can hold prompts, by name.

    Args:
        paths: files or folders.
        setting: that names them.

    Raises:
        DatasetError: there is nothing of that name, or it holds no such file.
    """
    found = list[Path]()
    for path in paths:
        inside = (one for one in path.rglob("*") if one.is_file() and name_of(one))
        some = [path] if path.is_file() and name_of(path) else sorted(inside)
        if not some:
            raise DatasetError(f"{setting}: {path} is no file or folder with {', '.join(ENDINGS)}.")
        found += some
    return found


def name_of(path: Path) -> str:
    """Return the name of a file that can hold prompts without its ending; of others nothing."""
    ending = max((end for end in ENDINGS if path.name.endswith(end)), key=len, default=path.name)
    return path.name.removesuffix(ending)


def content(paths: Sequence[Path], setting: str = "dataset.keep_out") -> list[str]:
    """Return the hash of each file: where it lies decides nothing."""
    return sorted(sha256(path.read_bytes()).hexdigest() for path in files(paths, setting))
