"""One HTTP exchange with a model: bytes in, status, headers and bytes out.

Two ways lead there: openai's own client, and aiohttp alone, which takes a third of the CPU.
Both use one pool of keep-alive connections, as large as the calls in flight may become.
"""

import re
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

import aiohttp
import httpx2

from schemas.model_settings import ModelSettings

_LOOPBACK = re.compile(r"https?://(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(/|$)")
_PATHS = {"chat": "/chat/completions", "embeddings": "/embeddings"}


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a server sent back."""

    status: int
    headers: Mapping[str, str]  # names in any case
    content: bytes


class NoReply(Exception):
    """The connection brought nothing whole; the text says what happened to it."""


class Transport(Protocol):
    """A way to send one request body."""

    async def post(self, content: bytes) -> Exchange:
        """Send a request body and return what came back, whatever its status.

        Raises:
            NoReply: no connection, or it ended early.
        """
        ...

    async def close(self) -> None:
        """Close every connection."""
        ...


class Direct:
    """Through aiohttp alone."""

    def __init__(self, base_url: str, key: str, cfg: ModelSettings) -> None:
        """Open a pool; must be called inside a running loop."""
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._session = session(base_url, cfg, headers)
        self._url = address(base_url, cfg.api)

    async def post(self, content: bytes) -> Exchange:
        """Send a request body and return what came back, whatever its status."""
        try:
            response = await self._session.post(self._url, data=content)
            return Exchange(response.status, response.headers, await response.read())
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NoReply(said(error)) from error

    async def close(self) -> None:
        """Close every connection."""
        await self._session.close()


def address(base_url: str, api: str) -> str:
    """Return where requests are posted."""
    return (base_url or "http://unset.invalid").rstrip("/") + _PATHS[api]


def session(
    base_url: str, cfg: ModelSettings, headers: Mapping[str, str] | None = None
) -> aiohttp.ClientSession:
    """Open a pool for one address: no cookies, the proxy of the environment, openai's trust."""
    trust = httpx2.create_ssl_context() if base_url.startswith("https:") else False
    return aiohttp.ClientSession(
        headers=headers,
        connector=aiohttp.TCPConnector(limit=cfg.concurrency, ssl=trust),
        timeout=aiohttp.ClientTimeout(total=None),  # the caller has one for everything
        cookie_jar=aiohttp.DummyCookieJar(),
        proxy=_proxy(base_url),
    )


def said(error: BaseException) -> str:
    """Return what a failed connection said, in one line."""
    return str(error)[:200] or type(error).__name__


def _proxy(base_url: str) -> str | None:
    """Return the proxy of the environment, looked up once: aiohttp would for every call."""
    url = urlsplit(base_url)
    if _LOOPBACK.match(base_url) or urllib.request.proxy_bypass(url.hostname or ""):
        return None  # no proxy leads to this machine
    return urllib.request.getproxies().get(url.scheme)
