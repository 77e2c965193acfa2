"""What a call is, and what comes of it."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

import orjson

from schemas.model_settings import ModelSettings
from tasks.adapters.budget import Estimate
from tasks.adapters.prices import prices_of
from tasks.token_estimate import text_tokens

_SHOWN = ("tools", "response_format")  # servers put them into the prompt, and bill them
_MAX_ANSWER_TOKENS = 1_024  # an estimate, where the request sets no limit


@dataclass(frozen=True, slots=True)
class Request:
    """One call to make: what decides its key, and what it is for."""

    purpose: str  # tag, answer ...
    messages: list[dict[str, Any]]  # as sent
    params: dict[str, Any]  # sampling parameters, response_format, tools
    sample: int = 0  # which of several answers to the same messages


class Size(NamedTuple):
    """Tokens of a call."""

    prompt: int
    answer: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a request: a reply, a permanent error, or nothing yet."""

    call_key: str
    text: str | None = None
    reasoning: str | None = None
    finish_reason: str | None = None
    model: str | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    cost_usd: float | None = None
    error: str | None = None  # permanent: asking again would not help
    pending: str | None = None  # why it was not bought; the next run asks again


def call_key(request: Request, cfg: ModelSettings) -> str:
    """Return the identity of a call: SHA-256 of everything that decides its reply.

    Not in it: address, port, credentials, concurrency, timeouts, purpose and day, so a call
    bought once is bought for all of them.
    """
    identity = {
        "endpoint": cfg.group or cfg.model,
        "model": cfg.model,
        "messages": request.messages,
        "params": request.params,
        "sample": request.sample,
    }
    return sha256(orjson.dumps(identity, option=orjson.OPT_SORT_KEYS)).hexdigest()


def size(request: Request, cfg: ModelSettings) -> Size:
    """Return how long a call is at most: its prompt, and the longest answer it allows."""
    shown = [request.messages, {n: request.params[n] for n in _SHOWN if n in request.params}]
    prompt = int(text_tokens(orjson.dumps(shown).decode())) + 1  # the JSON stands for the marks
    if cfg.api == "embeddings":
        return Size(prompt, 0)
    limits = (request.params.get(name) for name in ("max_completion_tokens", "max_tokens"))
    answer = next((limit for limit in limits if limit), _MAX_ANSWER_TOKENS)
    return Size(prompt, answer)


def estimate(request: Request, cfg: ModelSettings) -> Estimate:
    """Return what a call will take at most."""
    prompt, answer = size(request, cfg)
    return Estimate(prompt + answer, prices_of(cfg).usd(prompt, answer) or 0.0)


def body(request: Request, cfg: ModelSettings) -> bytes:
    """Return what is posted."""
    about: dict[str, Any] = {"messages": request.messages}
    if cfg.api == "embeddings":
        about = {"input": request.messages[-1]["content"]}
    return orjson.dumps({"model": cfg.model, **about, **request.params})


def reply_of(row: dict[str, Any]) -> Reply:
    """Read a row of `llm_calls`."""
    usage = {name: row[name] for name in ("prompt_tokens", "answer_tokens", "cost_usd")}
    if row["error"]:
        return Reply(row["call_key"], model=row["model"], error=row["error"], **usage)
    choice = orjson.loads(row["reply"])["choices"][0]
    message = choice["message"]
    return Reply(
        row["call_key"],
        text=message.get("content") or _text(message.get("refusal")) or "",
        reasoning=_text(message.get("reasoning_content")) or _text(message.get("reasoning")),
        finish_reason=_text(choice.get("finish_reason")),
        model=row["model"],
        **usage,
    )


def _text(value: object) -> str | None:
    """Return `value` where a server kept to text; some send lists or objects."""
    return value if isinstance(value, str) else None
