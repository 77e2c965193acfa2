"""Find the log files that a source names."""

from collections.abc import Iterator, Sequence
from datetime import date
from glob import glob
from pathlib import Path
from urllib.parse import urlsplit

from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources.addresses import is_url, without_secrets
from tasks.sources.remote import remote_files
from tasks.sources.streams import LogFile

PACKABLE = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
PACKED = tuple(ending + by for ending in PACKABLE for by in ("", ".gz", ".zst"))
ENDINGS = (*PACKED, ".parquet")


def files(cfg: SourceSettings, days: Sequence[date] = ()) -> list[LogFile]:
    """Return the files under `cfg.path`: a file, a folder and all below it, or a glob.

    The path may be a URL of a kind that fsspec has a driver for. Sorted by path; hidden files,
    and files with other endings than ENDINGS, are left out. No file says which days it holds.

    Raises:
        SourceError: nothing is there, nothing with a known ending, or it cannot be listed.
    """
    path = urlsplit(cfg.path).path if cfg.path.startswith("file://") else cfg.path
    listed: Sequence[LogFile] = remote_files(path) if is_url(path) else _local(cfg, path)
    found = [file for file in listed if file.name.lower().endswith(ENDINGS)]
    if not found:
        raise SourceError(
            f"source {cfg.name!r}: {_seen(path)} {without_secrets(path)!r}; wanted a file, a "
            f"folder or a glob of files that end in {', '.join(ENDINGS)}. "
            "Fix `path` in flywheel.toml."
        )
    return found


def _local(cfg: SourceSettings, path: str) -> list[Path]:
    try:
        return sorted(file for file in _candidates(Path(path).expanduser()) if file.is_file())
    except OSError as error:
        raise SourceError(
            f"source {cfg.name!r}: cannot list {path!r}: {error.strerror}. "
            "Fix its permissions, or `path` in flywheel.toml."
        ) from error


def _candidates(path: Path) -> Iterator[Path]:
    if path.is_dir():
        return (file for file in path.rglob("*") if not _is_hidden(file.relative_to(path)))
    if path.is_file():
        return iter([path])
    return (Path(name) for name in glob(str(path), recursive=True))


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


def _seen(path: str) -> str:
    if is_url(path) or not Path(path).expanduser().exists():
        return "no file matches"
    is_folder = Path(path).expanduser().is_dir()
    return "no log file in the folder" if is_folder else "unknown ending of the file"
