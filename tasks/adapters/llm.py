"""The one door to models: sends a call until it is answered, refused, or hopeless."""

import asyncio
import os
import random
import re
import time
from typing import Any

import aiohttp
import httpx2
import openai
import orjson

from schemas.errors import DemoTeacherRefused
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.adapters import completion, store
from tasks.adapters.prices import cost_usd
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import Rules, rules_of

DEMO_TEACHER = "demo-scripted-teacher"
_RETRIED = frozenset({408, 409, 425, 429})  # and all that is not 4xx
_CLOSED = frozenset({401, 402, 403, 404, 405, 407})  # key, money, address: so for every call
_LONGEST_WAIT_S = 30.0
_FUTILE_ROUNDS = 3  # rounds of calls in flight, none of them answered: about half a minute
_LOOPBACK = re.compile(r"https?://(localhost|127(\.\d+){3}|\[::1\])(:\d+)?(/|$)")
_MALFORMED = (ValueError, OSError, aiohttp.ClientError)  # what the client below lets through


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
    _heard = False  # whether anything ever came back
    _futile = 0  # calls in a row that brought nothing

    def __init__(self, run: Run) -> None:
        """Open a pool of keep-alive connections as large as the concurrency."""
        self._run = run
        self._cfg = run.cfg.llm
        self._rules = rules_of(run.cfg)
        self._client = openai.AsyncOpenAI(
            base_url=self._cfg.base_url or "http://unset.invalid",
            api_key=os.environ.get(self._cfg.api_key_env, "").strip() or "unset",
            max_retries=0,
            timeout=self._cfg.timeout_s,
            http_client=openai.DefaultAioHttpClient(
                limits=httpx2.Limits(max_connections=None, max_keepalive_connections=None),
                trust_env=not _LOOPBACK.match(self._cfg.base_url),  # no proxy leads to here
            ),
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._client.close()

    async def call(self, key: str, purpose: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send `body` and return the row of `llm_calls` to journal.

        Raises:
            Stopped: no answer after `max_attempts` tries, the server asks to wait longer than
                `timeout_s`, or the endpoint is closed to us.
            DemoTeacherRefused: the profile is production and the demo teacher answered.
        """
        problem = ""
        for attempt in range(1, self._cfg.max_attempts + 1):
            begun = time.monotonic()
            try:
                got = await self._try(body)
            except _TryAgain as error:
                problem = str(error)
                if self._is_last(attempt, error.wait_s):
                    break
                await asyncio.sleep(_pause(attempt, error.wait_s))
                continue
            self._futile = 0
            return self._record(key, purpose, body, got, attempt, time.monotonic() - begun)
        self._count_futile(problem)
        raise Stopped(self.stopped or problem)

    def _is_last(self, attempt: int, wait_s: float) -> bool:
        hopeless = self.stopped is not None or wait_s > self._cfg.timeout_s
        return hopeless or attempt == self._cfg.max_attempts

    def _count_futile(self, problem: str) -> None:
        """Stop at once where nothing ever came back, else after some rounds without an answer."""
        self._futile += 1
        limit = _FUTILE_ROUNDS * self._cfg.concurrency if self._heard else 1
        if self._futile >= limit and self.stopped is None:
            self.stopped = f"{self._cfg.base_url} does not answer: {problem}"

    async def _try(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the reply, or `{"error": ...}` when the server refuses this very call."""
        content = orjson.dumps(body)
        try:
            async with asyncio.timeout(self._cfg.timeout_s):  # the client's own is per packet
                response = await self._client.post(
                    "/chat/completions",
                    content=content,
                    options={"headers": {"content-type": "application/json"}},
                    cast_to=httpx2.Response,
                )
        except openai.APIStatusError as error:
            return self._refused(error)
        except TimeoutError:
            raise _TryAgain(f"no reply within {self._cfg.timeout_s:g} s") from None
        except (openai.APIConnectionError, *_MALFORMED) as error:
            cause = error.__cause__ or error
            raise _TryAgain(f"no reply ({str(cause)[:200] or type(cause).__name__})") from None
        self._heard = True
        try:
            return completion.parsed(response.content)
        except completion.NotACompletion as error:
            raise _TryAgain(str(error)) from None

    def _refused(self, error: openai.APIStatusError) -> dict[str, Any]:
        self._heard = True
        status = error.status_code
        said = f"HTTP {status}: {_message(error, self._rules)}"
        if status in _RETRIED or not 400 <= status < 500:
            raise _TryAgain(said, _retry_after_s(error.response.headers))
        if status in _CLOSED:
            self.stopped = f"{said} Check [llm] base_url, model and api_key_env."
            raise Stopped(self.stopped)
        return {"error": said}

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
        refuse_demo_teacher(self._run.cfg, model)
        tokens = completion.tokens(got)
        return {
            "call_key": key,
            "endpoint": self._cfg.group or self._cfg.model,
            "purpose": purpose,
            "model": model,
            "reply": None if error else completion.redacted(got, body["messages"], self._rules),
            "error": error,
            "prompt_tokens": tokens[0],
            "answer_tokens": tokens[1],
            "cost_usd": cost_usd(self._cfg, *tokens),
            "latency_s": latency_s,
            "attempts": attempts,
            "bought_at": store.now(),
            "run_id": self._run.run_id,
        }


def refuse_demo_teacher(cfg: FlywheelSettings, model: str) -> None:
    """Let no reply of the scripted demo teacher into a production run.

    Raises:
        DemoTeacherRefused: `model` is the demo teacher, or it was asked for.
    """
    if cfg.profile == "production" and DEMO_TEACHER in (model, cfg.llm.model):
        raise DemoTeacherRefused(
            f"{cfg.llm.base_url} is the scripted demo teacher, or was when the store's replies "
            "were bought, and profile is production. Point [llm] base_url and model at a real "
            "model, and var at a folder without demo data."
        )


def _message(error: openai.APIStatusError, rules: Rules) -> str:
    """Return the start of what the server said; it may quote the prompt or the key."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else None
    return Redactor(rules).text(str(said or error.response.text)[:3_000])[:300]


def _retry_after_s(headers: httpx2.Headers) -> float:
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)  # and 0 for "nan"
        except (KeyError, ValueError):
            continue
    return 0.0


def _pause(attempt: int, wait_s: float) -> float:
    """Full jitter (the AWS rule): anywhere between 0 and the doubling limit, or as told."""
    return max(wait_s, random.uniform(0, min(_LONGEST_WAIT_S, 0.25 * 2**attempt)))
