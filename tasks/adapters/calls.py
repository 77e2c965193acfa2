"""Calls to the strong model: requests in, replies out, nothing bought twice.

Every call goes: key, claim, send, journal, load. A reply is handed on only after it is safe in
the journal, so only calls in flight at a kill can be bought again.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from schemas.errors import StoreError
from schemas.run import Run
from schemas.settings import ModelSettings
from tasks.adapters import purchases
from tasks.adapters.budget import Budget
from tasks.adapters.journal import Journal
from tasks.adapters.llm import Endpoint, Stopped, refuse_demo_teacher

CHUNK = 500  # calls looked up, claimed and loaded in one transaction each
WAIT_S = 0.5  # between looks at calls that another process is buying
RENEW_S = 60.0  # between renewals of our claims


@dataclass(frozen=True, slots=True)
class Request:
    """One call to make: what decides its key, and what it is for."""

    purpose: str  # tag, answer ...
    messages: list[dict[str, Any]]  # as sent
    params: dict[str, Any]  # sampling parameters, response_format, tools
    sample: int = 0  # which of several answers to the same messages


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


def ask(
    warehouse: Path,
    run: Run,
    requests: Iterable[Request],
    on_reply: Callable[[Reply], None] = lambda _reply: None,
) -> Iterator[Reply]:
    """Yield one reply per request, in order, holding one chunk of them in memory.

    A request that the store, this run or another process has bought is not bought again.
    `on_reply` hears of each reply once per request, as soon as there is one.

    Raises:
        DemoTeacherRefused: the profile is production and the scripted demo teacher answered,
            now or when the store's reply was bought.
        SettingsError: a cap in USD without prices.
    """
    folder = warehouse.parent / "journal"
    waiting = iter(requests)
    with _buyer(warehouse, folder, run, on_reply) as buyer:
        while chunk := list(islice(waiting, CHUNK)):
            yield from buyer.replies(chunk)


@contextmanager
def _buyer(
    warehouse: Path, folder: Path, run: Run, on_reply: Callable[[Reply], None]
) -> Iterator["_Buyer"]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with closing(Journal(folder)) as journal, asyncio.Runner() as loop:
        buyer = _Buyer(warehouse, journal, run, on_reply)
        buyer.loop = loop
        try:
            yield buyer
        except BaseException:
            buyer.settle()  # what was claimed and not sent is free again
            raise
        finally:
            loop.run(buyer.endpoint.close())


class _Buyer:
    """Buys chunks of requests for one run."""

    loop: asyncio.Runner

    def __init__(
        self, warehouse: Path, journal: Journal, run: Run, on_reply: Callable[[Reply], None]
    ) -> None:
        self.warehouse = warehouse
        self.journal = journal
        self.run = run
        self.on_reply = on_reply
        self.budget = Budget(warehouse, run)
        self.endpoint = Endpoint(run)
        self.asked: Counter[str] = Counter()  # requests of this chunk, by key

    def replies(self, chunk: list[Request]) -> list[Reply]:
        """Return the replies to `chunk`, bought here, bought elsewhere or found in the store."""
        keyed = [(call_key(request, self.run.cfg.llm), request) for request in chunk]
        wanted = dict(keyed)
        self.asked = Counter(key for key, _ in keyed)
        known: dict[str, Reply] = {}
        while missing := [key for key in wanted if key not in known]:
            purchases.recover(self.warehouse, self.journal.path.parent)
            standing = purchases.claim(
                self.warehouse,
                missing,
                self.journal.owner,
                retry_for=self.run.run_id if self.run.retry_failed else None,
            )
            known |= {key: self._found(row) for key, row in standing.bought.items()}
            known |= self._buy({key: wanted[key] for key in standing.mine})
            if standing.elsewhere:
                self.loop.run(asyncio.sleep(WAIT_S))
        return [known[key] for key, _ in keyed]

    def settle(self) -> None:
        """Load what is safe in the journal and give up our claims."""
        purchases.settle(self.warehouse, self.journal.owner, self.journal.unloaded)
        self.journal.unloaded.clear()

    def _found(self, row: dict[str, Any]) -> Reply:
        refuse_demo_teacher(self.run.cfg, row["model"])
        return self._told(_reply(row))

    def _told(self, reply: Reply) -> Reply:
        for _ in range(self.asked[reply.call_key]):
            self.on_reply(reply)
        return reply

    def _buy(self, requests: dict[str, Request]) -> dict[str, Reply]:
        if not requests:
            return {}
        try:
            return self.loop.run(self._send_all(requests))
        finally:
            self.settle()

    async def _send_all(self, requests: dict[str, Request]) -> dict[str, Reply]:
        renewal = asyncio.create_task(self._renew())
        slots = asyncio.Semaphore(self.run.cfg.llm.concurrency)
        try:
            async with asyncio.TaskGroup() as group:
                sent = {
                    key: group.create_task(self._send(key, request, slots))
                    for key, request in requests.items()
                }
        except* Exception as errors:
            raise errors.exceptions[0] from None
        finally:
            renewal.cancel()
            await self.journal.drain()
            with suppress(asyncio.CancelledError):
                await renewal
        return {key: task.result() for key, task in sent.items()}

    async def _send(self, key: str, request: Request, slots: asyncio.Semaphore) -> Reply:
        async with slots:
            return self._told(await self._bought(key, request))

    async def _bought(self, key: str, request: Request) -> Reply:
        if reason := self.endpoint.stopped or self.budget.spent:
            return Reply(key, pending=reason)
        self.budget.reserve()
        try:
            record = await self.endpoint.call(key, request.purpose, _body(request, self.run))
        except Stopped as reason:
            self.budget.refund()
            return Reply(key, pending=str(reason))
        await self.journal.add(record)
        self.budget.count(record)
        return _reply(record)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(StoreError):  # a busy store: the lease outlasts several renewals
                await asyncio.to_thread(purchases.renew, self.warehouse, self.journal.owner)


def _body(request: Request, run: Run) -> dict[str, Any]:
    return {"model": run.cfg.llm.model, "messages": request.messages, **request.params}


def _reply(row: dict[str, Any]) -> Reply:
    """Read a row of `llm_calls`."""
    usage = {name: row[name] for name in ("prompt_tokens", "answer_tokens", "cost_usd")}
    if row["error"]:
        return Reply(row["call_key"], model=row["model"], error=row["error"], **usage)
    choice = orjson.loads(row["reply"])["choices"][0]
    message = choice["message"]
    return Reply(
        row["call_key"],
        text=message.get("content") or "",
        reasoning=_text(message.get("reasoning_content")) or _text(message.get("reasoning")),
        finish_reason=_text(choice.get("finish_reason")),
        model=row["model"],
        **usage,
    )


def _text(value: object) -> str | None:
    """Return `value` where a server kept to text; some send lists or objects."""
    return value if isinstance(value, str) else None
