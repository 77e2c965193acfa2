"""The scripted teacher as a web application: routes, counters and planted trouble."""

import asyncio
import hashlib
import json
from collections import Counter
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tasks.demo import tokens
from tasks.demo.chat_request import MODEL, ChatRequest, Refused, read_request
from tasks.demo.replies import Reply, reply

CREATED = 1_772_409_600  # 2026-03-02, the demo's first day: replies carry no clock


@dataclass(frozen=True, slots=True)
class Faults:
    """Trouble for tests: every reply is late, and a share of requests fails.

    Failures are spread evenly by a counter: with 0.1 every tenth request fails, by turns with 429
    and a Retry-After, and with 500.
    """

    latency_s: float = 0.0
    fail_rate: float = 0.0
    retry_after_s: float = 0.0

    def failure(self, n: int) -> int | None:
        """Return the status that the n-th request (from 1) fails with; None when it succeeds."""
        failed = int(n * self.fail_rate)
        if failed == int((n - 1) * self.fail_rate):
            return None
        return 429 if failed % 2 else 500


@dataclass(slots=True)
class _Teacher:
    """The server's state: one event loop, so plain counters will do."""

    seed: int
    faults: Faults
    received: int = 0
    served: int = 0
    errors: int = 0
    by_kind: Counter[str] = field(default_factory=Counter)

    async def complete(self, request: Request) -> Response:
        """POST /v1/chat/completions."""
        self.received += 1
        failure = self.faults.failure(self.received)
        body = await request.body()
        if self.faults.latency_s:
            await asyncio.sleep(self.faults.latency_s)
        try:
            if failure:
                raise Refused(failure, "a planted failure: try again", code="planted")
            asked = read_request(body)
            said = reply(asked, self.seed)
        except Refused as refused:
            self.errors += 1
            return self._refuse(refused)
        self.served += 1
        self.by_kind[said.kind] += 1
        return _json(_completion(asked, said, body))

    def _refuse(self, refused: Refused) -> Response:
        headers = {"Retry-After": f"{self.faults.retry_after_s:g}"} if refused.status == 429 else {}
        return _json(refused.body, refused.status, headers)

    async def models(self, _: Request) -> Response:
        """GET /v1/models."""
        model = {"id": MODEL, "object": "model", "created": CREATED, "owned_by": "demo"}
        return _json({"object": "list", "data": [model]})

    async def stats(self, _: Request) -> Response:
        """GET /stats: replies by kind (tagging requests under "tag"), and refused requests."""
        counts = {"served": self.served, "errors": self.errors}
        return _json({**counts, "by_kind": dict(sorted(self.by_kind.items()))})

    async def reset(self, _: Request) -> Response:
        """POST /reset: all counters to zero."""
        self.received = self.served = self.errors = 0
        self.by_kind.clear()
        return _json({"ok": True})


def app(seed: int = 7, faults: Faults | None = None) -> Starlette:
    """Build the server; `seed` changes open answers and where the planted defects fall."""
    teacher = _Teacher(seed, faults or Faults())
    return Starlette(
        routes=[
            Route("/v1/chat/completions", teacher.complete, methods=["POST"]),
            Route("/v1/models", teacher.models),
            Route("/stats", teacher.stats),
            Route("/reset", teacher.reset, methods=["POST"]),
        ]
    )


def _completion(asked: ChatRequest, said: Reply, body: bytes) -> dict[str, object]:
    prompt_tokens = sum(tokens.count(message.text) for message in asked.messages)
    answer_tokens = tokens.count(said.text)
    message = {"role": "assistant", "content": said.text, "refusal": None}
    choice = {"index": 0, "message": message, "finish_reason": said.finish_reason, "logprobs": None}
    return {
        "id": f"chatcmpl-{hashlib.sha256(body).hexdigest()[:24]}",
        "object": "chat.completion",
        "created": CREATED,
        "model": MODEL,
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": answer_tokens,
            "total_tokens": prompt_tokens + answer_tokens,
        },
    }


def _json(content: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Response(body, status, headers, media_type="application/json")
