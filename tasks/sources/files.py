"""Find the log files that a source names."""

from glob import glob
from pathlib import Path

from schemas.errors import SourceError
from schemas.settings import SourceSettings

ENDINGS = tuple(
    ending + compression
    for ending in (".jsonl", ".ndjson", ".json")
    for compression in ("", ".gz", ".zst")
)


def files(cfg: SourceSettings) -> list[Path]:
    """Return the files under `cfg.path`: a file, a folder and all below it, or a glob.

    Sorted by path; hidden files, and files with other endings than ENDINGS, are left out.

    Raises:
        SourceError: nothing is there, or nothing with a known ending.
    """
    path = Path(cfg.path).expanduser()
    found = sorted(file for file in _candidates(path) if _is_log(file))
    if not found:
        raise SourceError(
            f"source {cfg.name!r}: {_seen(path)} {cfg.path!r}; wanted a file, a folder or a glob "
            f"of files that end in {', '.join(ENDINGS)}. Fix `path` in flywheel.toml."
        )
    return found


def _candidates(path: Path) -> list[Path]:
    if path.is_dir():
        return [file for file in path.rglob("*") if not _is_hidden(file.relative_to(path))]
    if path.is_file():
        return [path]
    return [Path(name) for name in glob(str(path), recursive=True)]


def _is_log(path: Path) -> bool:
    return path.name.lower().endswith(ENDINGS) and path.is_file()


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _seen(path: Path) -> str:
    if path.is_dir():
        return "no log file in the folder"
    return "unknown ending of the file" if path.is_file() else "no file matches"
