"""Files that are not here: s3://, gs://, https:// and whatever else fsspec has a driver for."""

import io
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from glob import has_magic
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeVar, cast
from urllib.parse import urlsplit

from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from schemas.errors import SourceError, Vanished
from tasks.sources.addresses import from_environment, without_secrets
from tasks.sources.pieces import BUFFER

T = TypeVar("T")
_Infos = dict[str, dict[str, Any]]
_CHECK = "Check the address, the network, and the credentials in the environment."
_EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "azure"),
}
# what tells one version of a file from the next, best first; each store has some of them
_VERSIONS = (
    *("ETag", "etag", "md5Hash", "content_md5", "generation", "Last-Modified"),
    *("LastModified", "last_modified", "mtime", "updated", "created", "modified"),
)


class Stat(NamedTuple):
    """What is asked of a file before it is read, under the names of os.stat_result."""

    st_size: int
    st_mtime_ns: int  # a hash of what names the version


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as it was when it was listed; it answers to what a pathlib.Path is asked here."""

    url: str
    info: Stat
    opened: Callable[[], Any]

    def __str__(self) -> str:
        """Return the URL without secrets; two that differ in their query stay two."""
        shown = without_secrets(self.url)
        query = urlsplit(self.url).query if _is_web(self.url) else ""
        return f"{shown}~{blake2b(query.encode(), digest_size=4).hexdigest()}" if query else shown

    @property
    def name(self) -> str:
        """Return the last part of the path."""
        return _path(self.url).name

    @property
    def suffix(self) -> str:
        """Return the ending of the name."""
        return _path(self.url).suffix

    def as_posix(self) -> str:
        """Return the URL as it is shown."""
        return str(self)

    def stat(self) -> Stat:
        """Return its size and version when it was listed."""
        return self.info

    def open(self, mode: str = "rb", buffering: int = BUFFER) -> io.BufferedReader:
        """Open it for reading.

        Raises:
            Vanished: it is gone.
            SourceError: it cannot be opened.
        """
        return io.BufferedReader(_Far(self.url, _said(self.url, self.opened)), buffering)


def remote_files(url: str) -> list[RemoteFile]:
    """List the file at `url`, what lies below that folder, or what matches that glob.

    Sorted by path, without hidden files.

    Raises:
        SourceError: no driver, no way there, or no permission.
    """
    there = from_environment(url)
    fs, root = _said(url, lambda: _connected(there))
    listed = _said(url, lambda: _listing(fs, root))
    return [
        _file(fs, name, info)
        for name, info in sorted(listed.items())
        if info["type"] == "file" and not _is_hidden(name, root)
    ]


class _Far(io.RawIOBase):
    """Read a remote file; what goes wrong is one line."""

    def __init__(self, url: str, file: Any) -> None:
        self._url, self._file = url, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return _said(self._url, lambda: int(self._file.seek(offset, whence)))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        piece = _said(self._url, lambda: self._file.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def _connected(url: str) -> tuple[Any, str]:
    fs, root = url_to_fs(url)
    fs.invalidate_cache()  # a worker that runs for days lists anew each time
    return fs, root


def _listing(fs: Any, root: str) -> dict[str, dict[str, Any]]:
    """Return what is known of each file; only web servers must be asked for each of them."""
    found = _found(fs, root)
    return {
        name: info if info.get("size") is not None else fs.info(name)
        for name, info in found.items()
    }


def _found(fs: Any, root: str) -> dict[str, dict[str, Any]]:
    if _is_web(root) and root.endswith("/"):
        return cast(_Infos, fs.find(root, detail=True))
    try:
        info = fs.info(root)
    except FileNotFoundError:
        return fs.glob(root, detail=True) if has_magic(root) else {}
    return {root: info} if info["type"] == "file" else cast(_Infos, fs.find(root, detail=True))


def _file(fs: Any, name: str, info: dict[str, Any]) -> RemoteFile:
    url = str(fs.unstrip_protocol(name))
    streams = _is_web(url) and not url.lower().endswith(".parquet")
    options = {"block_size": 0} if streams else {}  # not every server can read from the middle
    size = info.get("size")
    stat = Stat(1 if size is None else size, _version(info))
    return RemoteFile(url, stat, lambda: fs.open(name, "rb", **options))


def _version(info: dict[str, Any]) -> int:
    """Return a number that another version of the file would not have, as far as is known."""
    known = (info[key] for key in _VERSIONS if info.get(key))
    version = next(known, time.time_ns())
    text = str(version.timestamp() if isinstance(version, datetime) else version)
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big")


def _is_hidden(name: str, root: str) -> bool:
    """Tell whether something after what the address spells out is hidden."""
    below = name.removeprefix(re.split(r"[*?[]", root, maxsplit=1)[0])
    return any(part.startswith(".") for part in below.split("/"))


def _is_web(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https")


def _path(url: str) -> PurePosixPath:
    return PurePosixPath(urlsplit(url).path if _is_web(url) else url)


def _said(url: str, act: Callable[[], T]) -> T:
    """Do what needs the network; what goes wrong is said in one line."""
    shown = without_secrets(url)
    try:
        return act()
    except SourceError:
        raise
    except ImportError:
        raise SourceError(f"cannot read {shown}: {_install(url)}") from None
    except FileNotFoundError:
        raise Vanished(
            f"cannot read {shown}: it is gone. The next pull looks for it anew."
        ) from None
    except Exception as error:
        said = without_secrets(" ".join(str(error).split()))[:300] or type(error).__name__
        raise SourceError(f"cannot read {shown}: {said}. {_CHECK}") from None


def _install(url: str) -> str:
    scheme = url.partition("://")[0].rpartition(":")[2]
    if scheme in _EXTRAS:
        return f"no driver for {scheme}://. Run `pip install 'sft-flywheel[{_EXTRAS[scheme]}]'`."
    return f"no driver for {scheme}://. Install the one that fsspec names for it."
