"""One address of the strong model: how much it may be asked, and what its replies mean."""

import asyncio
import os
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from schemas.model_settings import ModelSettings
from tasks.adapters import completion, vectors
from tasks.adapters.llm import ThroughOpenAI
from tasks.adapters.pace import Bucket, Limit, Pause
from tasks.adapters.transport import Direct, Exchange, NoReply, Transport
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import Rules

_RETRIED = frozenset({408, 409, 425, 429})  # and all that is not 4xx
_CROWDED = frozenset({429, 503, 529})  # too many calls, whoever makes them
_NO_ACCOUNT = frozenset({401, 402, 407})  # key, money, proxy: so for every call
_NO_QUOTA = re.compile(r"insufficient_quota|credit balance is too low", re.IGNORECASE)
_BAD_KEY = re.compile(
    r"api[ _]key[ _](not[ _]valid|invalid)|(invalid|incorrect)[ _]api[ _]key", re.IGNORECASE
)
_LONGEST_RESET_S = 60.0
_RESET = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?")
_FAILING = 10  # tries in a row without a completion, from which on it is asked now and then only
_LONGEST_REST_S = 30.0
_RESTS, _RESTS_UNHEARD = 7, 4  # in a row, from half a second on: one minute, or 8 s, and it is down


@dataclass(frozen=True, slots=True)
class Answered:
    """A chat completion; `begun_at` and `latency_s` are of the try that brought it."""

    got: dict[str, Any]
    begun_at: float
    latency_s: float


@dataclass(frozen=True, slots=True)
class Again:
    """Nothing usable; another try may bring it, not before `wait_s` seconds."""

    problem: str
    wait_s: float = 0.0
    throttled: bool = False  # too many calls: the server is well
    billed: tuple[int, int] | None = None  # tokens of prompt and answer, paid for nothing


@dataclass(frozen=True, slots=True)
class Refused:
    """The server does not want this call; whether it wants others, they will show."""

    status: int
    said: str
    at: float


Verdict = Answered | Again | Refused


@dataclass(slots=True)
class Endpoint:
    """Where the model is served: its pool of connections, its pace and whether it is any good."""

    base_url: str
    cfg: ModelSettings
    rules: Rules
    transport: Transport
    closed: str | None = None  # why no further call makes sense
    in_flight: int = 0
    limit: Limit = field(init=False)
    pause: Pause = field(init=False)
    _requests: Bucket | None = field(init=False)
    _tokens: Bucket | None = field(init=False)
    _heard: bool = False  # whether anything ever came back
    _failed: int = 0  # tries in a row that brought no completion, 429s and refusals apart
    _rests: int = 0  # since the last completion
    _rested_at: float = 0.0  # what began before that was on its way already

    def __post_init__(self) -> None:
        self.limit, self.pause = Limit(self.cfg.concurrency), Pause()
        self._requests = Bucket(self.cfg.rpm) if self.cfg.rpm else None
        self._tokens = Bucket(self.cfg.tpm) if self.cfg.tpm else None

    @property
    def room(self) -> int:
        """How many more calls it may be sent now; one at a time while it fails."""
        return self._most - self.in_flight if self.is_open else 0

    @property
    def may_go_on(self) -> bool:
        """Whether a call may follow in the place of one that is over."""
        return self.is_open and self.in_flight <= self._most

    @property
    def is_failing(self) -> bool:
        """Whether nothing of use has come for a while."""
        return self._failed >= _FAILING

    @property
    def is_open(self) -> bool:
        """Whether calls may be sent there now."""
        return not (self.closed or self.pause.left_s)

    @property
    def _most(self) -> int:
        return 1 if self.is_failing else self.limit.calls

    def turn_s(self, tokens: int) -> float:
        """Reserve a call of so many tokens; return the seconds to wait for its turn."""
        waits = [self._requests.take(1)] if self._requests else []
        waits += [self._tokens.take(tokens)] if self._tokens else []
        return max(waits, default=0.0)

    def give_turn_back(self, tokens: int) -> None:
        """Return what a call reserved that is not sent."""
        if self._requests:
            self._requests.give_back(1)
        if self._tokens:
            self._tokens.give_back(tokens)

    async def send(self, content: bytes, tokens: int) -> Verdict:
        """Send a request body of about so many tokens once, and say what came of it."""
        begun = time.monotonic()
        verdict: Verdict
        try:
            async with asyncio.timeout(self.cfg.timeout_s):
                exchange = await self.transport.post(content)
        except TimeoutError:
            verdict = Again(f"no reply within {self.cfg.timeout_s:g} s")
        except NoReply as error:
            verdict = Again(f"no reply ({error})")
        else:
            verdict = self._read(exchange, begun)
        self._count(verdict, begun)
        if self._tokens and not isinstance(verdict, Answered):
            self._tokens.give_back(tokens)
        elif self._tokens and isinstance(verdict, Answered):
            used = completion.tokens(verdict.got)
            self._tokens.give_back(tokens - sum(filter(None, used)) if used[0] else 0)
        return verdict

    def give_up(self, problem: str) -> None:
        """Take note of a call that is given up: where nothing ever came, all would be."""
        if not self._heard:
            self.close(f"{self.base_url} does not answer: {problem}")

    def close(self, said: str) -> None:
        """Send nothing more there."""
        self.closed = self.closed or said

    def _count(self, verdict: Verdict, begun: float) -> None:
        """Let an endpoint rest that fails: all that fail with it are one failure."""
        if not isinstance(verdict, Again):
            self._failed, self._rests = 0, 0
        elif not verdict.throttled:
            self._failed += 1
            if self.is_failing and begun >= self._rested_at:
                self._rest(verdict.problem)

    def _rest(self, problem: str) -> None:
        self._rests += 1
        if self._rests > (_RESTS if self._heard else _RESTS_UNHEARD):
            self.close(f"{self.base_url} does not answer: {problem}")
        self.pause.hold(min(_LONGEST_REST_S, 0.25 * 2**self._rests))
        self._rested_at = time.monotonic() + self.pause.left_s

    def _read(self, exchange: Exchange, begun: float) -> Verdict:
        self._heard = True
        if not 200 <= exchange.status < 300:
            return self._refusal(exchange)
        self.pause.heard(throttled=False)
        self._mind_what_is_left(exchange.headers)
        try:
            read = vectors.parsed if self.cfg.api == "embeddings" else completion.parsed
            got = read(exchange.content)
        except completion.NotACompletion as error:
            return Again(str(error), billed=error.tokens)
        self.limit.answered(self.in_flight)
        return Answered(got, begun, time.monotonic() - begun)

    def _refusal(self, exchange: Exchange) -> Again | Refused:
        status, text = exchange.status, _message(exchange.content)
        said = f"HTTP {status}: {Redactor(self.rules).text(text)[:300]}"
        if status in _CROWDED:
            self.limit.throttled()
        wait_s = retry_after_s(exchange.headers)
        self.pause.heard(throttled=status == 429, wait_s=min(wait_s, _LONGEST_RESET_S))
        no_account = _NO_QUOTA.search(text) or (status in (400, 403) and _BAD_KEY.search(text))
        if status in _NO_ACCOUNT or (no_account and 400 <= status < 500):
            self.close(f"{said} Check [llm] base_url, model and api_key_env.")
            return Again(said)
        if status in _RETRIED or not 400 <= status < 500:
            return Again(said, wait_s, throttled=status == 429)
        return Refused(status, said, time.monotonic())

    def _mind_what_is_left(self, headers: Mapping[str, str]) -> None:
        if headers.get("x-ratelimit-remaining-requests") == "0":
            reset = headers.get("x-ratelimit-reset-requests", "")
            self.pause.hold(min(_LONGEST_RESET_S, reset_s(reset)))


def opened(base_url: str, cfg: ModelSettings, rules: Rules) -> Endpoint:
    """Open an endpoint with a pool of its own; must be called inside a running loop."""
    key = os.environ.get(cfg.api_key_env, "").strip() or "unset"
    way = Direct if cfg.transport == "aiohttp" else ThroughOpenAI
    return Endpoint(base_url, cfg, rules, way(base_url, key, cfg))


def retry_after_s(headers: Mapping[str, str]) -> float:
    """Return the seconds that a server asks to wait; 0 when it does not say so in numbers."""
    for name, unit in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers[name]) * unit)  # and 0 for "nan"
        except (KeyError, ValueError):
            continue
    return 0.0


def reset_s(text: str) -> float:
    """Read how long until a limit is reset, as `6m0s`, `1.2s`, `20ms` or plain seconds."""
    try:
        return max(0.0, float(text))
    except ValueError:
        matched = _RESET.fullmatch(text.strip())
    hours, minutes, seconds, thousandths = matched.groups(default="0") if matched else ("0",) * 4
    total = float(hours) * 3600 + float(minutes) * 60 + float(seconds) + float(thousandths) / 1e3
    return total or 1.0


def _message(content: bytes) -> str:
    """Return what an error reply says, and its code; it may quote the prompt or the key."""
    text = content.decode(errors="replace")
    try:
        error = orjson.loads(content)["error"]
        parts = [error["message"], error.get("code")] if isinstance(error, dict) else [error]
        text = " ".join(str(part) for part in parts if part)
    except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
        pass
    return text[:3_000]
