"""A file that is not here, read like one that is; what goes wrong on the way is one line."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import PurePosixPath
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from schemas.errors import SourceError, Vanished
from tasks.sources.addresses import without_secrets
from tasks.sources.pieces import BUFFER

T = TypeVar("T")
_CHECK = "Check the address, the network, and the credentials in the environment."
_EXTRAS = {
    **dict.fromkeys(("s3", "s3a"), "s3"),
    **dict.fromkeys(("gs", "gcs"), "gcs"),
    **dict.fromkeys(("az", "abfs", "abfss", "adl"), "azure"),
}


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
        query = urlsplit(self.url).query if is_web(self.url) else ""
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
        return io.BufferedReader(_Far(self.url, said(self.url, self.opened)), buffering)


class _Far(io.RawIOBase):
    """Read a remote file; what goes wrong is one line."""

    def __init__(self, url: str, file: Any) -> None:
        self._url, self._file = url, file

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return said(self._url, lambda: int(self._file.seek(offset, whence)))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        piece = said(self._url, lambda: self._file.read(len(buffer)))
        buffer[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()


def is_web(url: str) -> bool:
    """Tell whether a web server is asked."""
    return urlsplit(url).scheme in ("http", "https")


def _path(url: str) -> PurePosixPath:
    return PurePosixPath(urlsplit(url).path if is_web(url) else url)


def said(url: str, act: Callable[[], T]) -> T:
    """Do what needs the network.

    Raises:
        Vanished: the file is gone.
        SourceError: anything else, in one line without secrets.
    """
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
        line = without_secrets(" ".join(str(error).split()))[:300] or type(error).__name__
        raise SourceError(f"cannot read {shown}: {line}. {_CHECK}") from None


def _install(url: str) -> str:
    scheme = url.partition("://")[0].rpartition(":")[2]
    if scheme in _EXTRAS:
        return f"no driver for {scheme}://. Run `pip install 'sft-flywheel[{_EXTRAS[scheme]}]'`."
    return f"no driver for {scheme}://. Install the one that fsspec names for it."
