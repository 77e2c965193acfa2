"""Addresses: their secrets come from the environment and are never shown."""

import os
import re
from collections.abc import Mapping
from urllib.parse import quote

from schemas.errors import SourceError

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_ADDRESS = re.compile(r"\b[\w+.:-]+://\S+")
_USER = re.compile(r"(?<=://)[^/?#\s]*@")


def is_url(path: str) -> bool:
    """Tell a URL from a path on this machine."""
    return "://" in path


def from_environment(address: str, environ: Mapping[str, str] = os.environ) -> str:
    """Put environment variables in place of ${NAME}; a user or password needs no escaping.

    Raises:
        SourceError: one of them is not set.
    """
    missing = [name for name in _VARIABLE.findall(address) if not environ.get(name)]
    if missing:
        raise SourceError(
            f"the environment variable {missing[0]} is not set; the address of a source names it. "
            f"Set it, or fix {without_secrets(address)!r} in flywheel.toml."
        )
    user, at, place = address.rpartition("@")
    escaped = _VARIABLE.sub(lambda found: quote(environ[found.group(1)], safe=""), user)
    return escaped + at + _VARIABLE.sub(lambda found: environ[found.group(1)], place)


def without_secrets(text: str) -> str:
    """Cut users, passwords and the queries of web pages out of the addresses in `text`."""
    return _ADDRESS.sub(lambda found: _bare(found.group()), text)


def _bare(url: str) -> str:
    url = _USER.sub("", url)
    return url.partition("?")[0] if url.startswith("http") else url
