"""The one door to openai: its client sends a body that is encoded already."""

from functools import lru_cache
from typing import Any

import aiohttp
import httpx2
import openai

from schemas.model_settings import ModelSettings
from tasks.adapters.transport import Exchange, NoReply, address, said, session

_ENCODING = b"content-encoding"  # undone by aiohttp
_CONTENT = "content"

_parsed = lru_cache(maxsize=64)(httpx2.URL)


class ThroughOpenAI:
    """Through `AsyncOpenAI`, without its retries: they would double ours.

    `post` takes bytes and gives the response as it came. `chat.completions.create` would spend
    more CPU on types than all the rest takes.
    """

    def __init__(self, base_url: str, key: str, cfg: ModelSettings) -> None:
        """Open a pool; must be called inside a running loop."""
        self._pool = session(base_url, cfg)
        self._url = address(base_url, cfg.api)
        self._options: Any = {"headers": {"content-type": "application/json"}}
        self._client = openai.AsyncOpenAI(
            base_url=base_url or "http://unset.invalid",
            api_key=key,
            max_retries=0,
            http_client=_Pooled(self._pool),
        )

    async def post(self, content: bytes) -> Exchange:
        """Send a request body and return what came back, whatever its status."""
        try:
            got = await self._client.post(
                self._url, content=content, options=self._options, cast_to=httpx2.Response
            )
        except openai.APIStatusError as error:
            got = error.response
        except (openai.APIConnectionError, ValueError) as error:  # also a key that fits no header
            raise NoReply(said(error.__cause__ or error)) from error
        return Exchange(got.status_code, got.headers, got.extensions[_CONTENT])

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()
        await self._pool.close()


class _Pooled(httpx2.AsyncClient):
    """Hands a request to aiohttp as it is: one address, no cookies, no auth flow to go through."""

    def __init__(self, pool: aiohttp.ClientSession) -> None:
        super().__init__(transport=httpx2.AsyncBaseTransport())  # never used, so no pool of its own
        self._aiohttp = pool

    def build_request(self, method: str, url: Any, **given: Any) -> httpx2.Request:
        """Return the request without merging defaults that this client does not have.

        With its body as a stream: httpx2 would read every header four times over to add two that
        aiohttp adds anyway.
        """
        body = httpx2.ByteStream(given["content"])
        return httpx2.Request(method, _parsed(str(url)), headers=given["headers"], stream=body)

    async def send(self, request: httpx2.Request, **_: Any) -> httpx2.Response:
        """Send, and read the whole response; its content is among its extensions, too."""
        url, headers = str(request.url), request.headers.multi_items()
        try:
            sending = self._aiohttp.request(
                request.method, url, data=request.read(), headers=headers
            )
            async with sending as response:
                content = await response.read()
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise httpx2.TransportError(said(error)) from error
        return httpx2.Response(
            response.status,
            headers=[pair for pair in response.raw_headers if pair[0].lower() != _ENCODING],
            stream=httpx2.ByteStream(content),
            extensions={_CONTENT: content},
            request=request,
        )
