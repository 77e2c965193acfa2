"""Find files that are not here: s3://, gs://, https:// and what else fsspec has a driver for."""

import re
import time
from datetime import datetime
from glob import has_magic
from hashlib import blake2b
from typing import Any, cast

from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from tasks.sources.addresses import from_environment
from tasks.sources.remote_file import RemoteFile, Stat, is_web, said

_Infos = dict[str, dict[str, Any]]
# what tells one version of a file from the next, best first; each store has some of them
_VERSIONS = (
    *("ETag", "etag", "md5Hash", "content_md5", "generation", "Last-Modified"),
    *("LastModified", "last_modified", "mtime", "updated", "created", "modified"),
)


def remote_files(url: str) -> list[RemoteFile]:
    """List the file at `url`, what lies below that folder, or what matches that glob.

    Sorted by path, without hidden files.

    Raises:
        SourceError: no driver, no way there, or no permission.
    """
    there = from_environment(url)
    fs, root = said(url, lambda: _connected(there))
    listed = said(url, lambda: _listing(fs, root))
    return [
        _file(fs, name, info)
        for name, info in sorted(listed.items())
        if info["type"] == "file" and not _is_hidden(name, root)
    ]


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
    if is_web(root) and root.endswith("/"):
        return cast(_Infos, fs.find(root, detail=True))
    try:
        info = fs.info(root)
    except FileNotFoundError:
        return fs.glob(root, detail=True) if has_magic(root) else {}
    return {root: info} if info["type"] == "file" else cast(_Infos, fs.find(root, detail=True))


def _file(fs: Any, name: str, info: dict[str, Any]) -> RemoteFile:
    url = str(fs.unstrip_protocol(name))
    streams = is_web(url) and not url.lower().endswith(".parquet")
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
