"""The one door to models: sends a call until it is answered, refused, or hopeless."""

import asyncio
import os
import random
import time
from typing import Any

import httpx2
import openai
import orjson

from schemas.errors import DemoTeacherRefused
from schemas.run import Run
from tasks.adapters import store
from tasks.adapters.prices import cost_usd
from tasks.redaction.redact import Redactor

DEMO_TEACHER = "demo-scripted-teacher"
_RETRIED = frozenset({408, 409, 425, 429})  # and 5xx
_CLOSED = frozenset({401, 402, 403, 404})  # no key, no money, no such model: so for every call
_LONGEST_WAIT_S = 30.0


class Stopped(Exception):
    """The call brought nothing; asking again later may."""


class _TryAgain(Exception):
    """One try failed in a way that another may mend."""

    def __init__(self, what: str, wait_s: float = 0.0) -> None:
        super().__init__(what)
        self.wait_s = wait_s


class Endpoint:
    """Where the strong model of a run is served."""

    stopped: str | None = None  # why no further call makes sense
    _heard = False  # whether it ever answered

    def __init__(self, run: Run) -> None:
        """Open a pool of keep-alive connections as large as the concurrency."""
        self._run = run
        self._cfg = run.cfg.llm
        self._client = openai.AsyncOpenAI(
            base_url=self._cfg.base_url or "http://unset.invalid",
            api_key=os.environ.get(self._cfg.api_key_env) or "unset",
            max_retries=0,
            timeout=self._cfg.timeout_s,
            http_client=openai.DefaultAioHttpClient(
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None)
            ),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()

    async def call(self, key: str, purpose: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send `body` and return the row of `llm_calls` to journal.

        Raises:
            Stopped: no answer after `max_attempts` tries, or the endpoint is closed to us.
            DemoTeacherRefused: the profile is production and the demo teacher answered.
        """
        problem = ""
        for attempt in range(1, self._cfg.max_attempts + 1):
            begun = time.monotonic()
            try:
                got = await self._try(body)
            except _TryAgain as error:
                problem = str(error)
                if attempt < self._cfg.max_attempts:
                    await asyncio.sleep(_pause(attempt, error.wait_s))
                continue
            return self._record(key, purpose, body, got, attempt, time.monotonic() - begun)
        if not self._heard:
            self.stopped = f"{self._cfg.base_url} does not answer: {problem}"
        raise Stopped(problem)

    async def _try(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the reply, or `{"error": ...}` when the server refuses this very call."""
        try:
            response = await self._client.post(
                "/chat/completions",
                content=orjson.dumps(body),
                options={"headers": {"content-type": "application/json"}},
                cast_to=httpx2.Response,
            )
        except openai.APIStatusError as error:
            return self._refused(error)
        except openai.APIConnectionError as error:
            raise _TryAgain(f"no connection ({type(error.__cause__ or error).__name__})") from None
        self._heard = True
        return _parsed(response.content)

    def _refused(self, error: openai.APIStatusError) -> dict[str, Any]:
        status = error.status_code
        said = f"HTTP {status}: {_message(error)}"
        if status in _RETRIED or status >= 500:
            raise _TryAgain(said, _retry_after_s(error.response.headers))
        if status in _CLOSED:
            self.stopped = f"{said} Check [llm] base_url, model and api_key_env."
            raise Stopped(self.stopped)
        self._heard = True
        return {"error": Redactor().text(said)}

    def _record(
        self,
        key: str,
        purpose: str,
        body: dict[str, Any],
        got: dict[str, Any],
        attempts: int,
        latency_s: float,
    ) -> dict[str, Any]:
        error = got.get("error")
        model = str(got.get("model") or self._cfg.model)
        if DEMO_TEACHER in (model, self._cfg.model) and self._run.cfg.profile == "production":
            raise DemoTeacherRefused(
                f"{self._cfg.base_url} is the scripted demo teacher, and profile is production. "
                "Point [llm] base_url at a real model."
            )
        usage = got.get("usage") or {}
        tokens = usage.get("prompt_tokens"), usage.get("completion_tokens")
        return {
            "call_key": key,
            "endpoint": self._cfg.group or self._cfg.model,
            "purpose": purpose,
            "model": model,
            "reply": None if error else orjson.dumps(_redacted(got, body)).decode(),
            "error": error,
            "prompt_tokens": tokens[0],
            "answer_tokens": tokens[1],
            "cost_usd": cost_usd(self._cfg, *tokens),
            "latency_s": latency_s,
            "attempts": attempts,
            "bought_at": store.now(),
            "run_id": self._run.run_id,
        }


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        got = orjson.loads(content)
        message = got["choices"][0]["message"]
        if not isinstance(message.get("content"), str | None):
            raise TypeError("content is not text")
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise _TryAgain(f"the reply is no chat completion ({type(error).__name__})") from None
    return {"model": got.get("model"), "choices": got["choices"][:1], "usage": got.get("usage")}


def _redacted(got: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Replace private values that the model made up, with numbers the prompt does not use."""
    redactor = Redactor()
    for message in body["messages"]:
        redactor.text(str(message.get("content") or ""))
    choice = got["choices"][0]
    said = redactor.json(orjson.dumps(choice["message"]).decode())
    return {**got, "choices": [{**choice, "message": orjson.loads(said)}]}


def _message(error: openai.APIStatusError) -> str:
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return str(said or error.response.text)[:300]


def _retry_after_s(headers: httpx2.Headers) -> float:
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            return float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
    return 0.0


def _pause(attempt: int, wait_s: float) -> float:
    """Full jitter (the AWS rule): anywhere between 0 and the doubling limit, or as told."""
    return max(wait_s, random.uniform(0, min(_LONGEST_WAIT_S, 0.25 * 2**attempt)))
