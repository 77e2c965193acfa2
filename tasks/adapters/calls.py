"""Calls to the strong model: requests in, replies out, nothing bought twice.

Every call goes: key, claim, send, journal, load. A reply is handed on only after it is safe in
the journal, so only calls in flight at a kill can be bought again: `concurrency` at most for each
address.
"""

import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from schemas.run import Run
from tasks.adapters import completion, heeded, purchases
from tasks.adapters.budget import Budget, Estimate
from tasks.adapters.engine import Engine
from tasks.adapters.garbage import seldom_sought
from tasks.adapters.jobs import Job, Outcome
from tasks.adapters.journal import Journal
from tasks.adapters.prices import prices_of
from tasks.adapters.purchases import Standing, Wanted
from tasks.adapters.request import Reply, Request, body, call_key, estimate, reply_of
from tasks.adapters.tally import Progress, Tally

__all__ = ["Progress", "Reply", "Request", "ask", "call_key", "estimate"]

CHUNK = 4_000  # calls looked up and claimed in one transaction, most of which is opening DuckDB
WINDOW = 10_000  # requests drawn and not replied to: so many a slow call may hold up
LOAD_ROWS = 5_000  # bought calls that are loaded together, or
LOAD_S = 3.0  # all there are after so many seconds: another process may wait for them
LOOK_S = 0.5  # between looks at calls that another process is buying
TELL_S = 0.2  # between two reports of progress


def ask(
    warehouse: Path,
    run: Run,
    requests: Iterable[Request],
    watch: Callable[[Progress], None] = lambda _progress: None,
) -> Iterator[Reply]:
    """Yield one reply per request, in order, holding `WINDOW` of them in memory at most.

    A request that the store, this run or another process has bought is not bought again.
    `watch` hears now and then how it goes, and once at the end.

    Raises:
        DemoTeacherRefused: the profile is production and the scripted demo teacher answered,
            now or when the store's reply was bought.
        SettingsError: a cap in USD without prices.
        OSError: the journal cannot be written.
    """
    folder = warehouse.parent / "journal"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    budget = Budget(run, prices_of(run.cfg.llm))
    with seldom_sought(), closing(Journal(folder)) as journal:
        buyer = _Buyer(warehouse, run, budget, journal, watch)
        try:
            yield from buyer.replies(iter(requests))
        finally:
            buyer.close()


class _Buyer:
    """Buys the requests of one `ask`."""

    def __init__(
        self,
        warehouse: Path,
        run: Run,
        budget: Budget,
        journal: Journal,
        watch: Callable[[Progress], None],
    ) -> None:
        self._warehouse, self._run = warehouse, run
        self._budget, self._journal, self._watch = budget, journal, watch
        self._engine: Engine | None = None
        self._window: deque[str] = deque()  # keys of the requests drawn and not replied to
        self._uses: Counter[str] = Counter()  # how often each key is in the window
        self._replies: dict[str, Reply] = {}  # of keys in the window
        self._under_way: dict[str, tuple[Request, int]] = {}  # and the tokens reserved
        self._put_off: dict[str, Request] = {}  # bought elsewhere, or a cap has no room yet
        self._fresh: dict[str, Reply] = {}  # perhaps not in the store yet
        self._given_up: set[str] = set()  # keys whose claims are of no more use
        self._tally = Tally()
        self._loaded_at = self._looked_at = self._told_at = time.monotonic()

    def replies(self, requests: Iterator[Request]) -> Iterator[Reply]:
        """Yield the replies, in order."""
        more = True
        while self._window or more:
            while self._window and self._window[0] in self._replies:
                yield self._next()
            if more and (not self._window or self._has_room()):
                more = self._draw(requests)
            elif self._window:
                self._move_on(more)
        self._watch(self._tally.progress(0))

    def close(self) -> None:
        """Stop what is under way, load what was bought and give up every claim."""
        try:
            if self._engine:
                self._engine.close()
        finally:
            if self._journal.owes:
                records = list(self._journal.unloaded)
                purchases.settle(self._warehouse, self._journal.owner, records)
                self._journal.loaded(len(records))
                self._journal.owes = False

    def _next(self) -> Reply:
        key = self._window.popleft()
        reply = self._replies[key]
        self._uses[key] -= 1
        if not self._uses[key]:
            del self._uses[key], self._replies[key]
        return reply

    def _has_room(self) -> bool:
        """Whether to draw more: soon there will be nothing to send."""
        in_flight = self._engine.in_flight if self._engine else 0
        return self._can_hold_more() and len(self._under_way) - in_flight <= CHUNK

    def _can_hold_more(self) -> bool:
        return len(self._window) < WINDOW and len(self._put_off) < CHUNK

    def _draw(self, requests: Iterator[Request]) -> bool:
        """Draw a chunk and look it up; False when there was nothing more to draw."""
        drawn = {}
        chunk = list(islice(requests, min(CHUNK, WINDOW - len(self._window))))
        for request in chunk:
            key = call_key(request, self._run.cfg.llm)
            self._window.append(key)
            self._uses[key] += 1
            if key in self._fresh:
                self._replies[key] = self._fresh[key]
            if key in self._replies:
                self._tally.count(self._replies[key], 1, cached=True)
            elif key not in self._under_way and key not in self._put_off:
                drawn[key] = request
        self._look(drawn)
        return bool(chunk)

    def _look(self, wanted: dict[str, Request]) -> None:
        """Look requests up, and send those that are ours to buy."""
        if not wanted:
            return
        purchases.recover(self._warehouse, self._journal.folder)
        self._journal.owes = True
        estimates = {key: estimate(request, self._run.cfg.llm) for key, request in wanted.items()}
        standing = purchases.claim(
            self._warehouse,
            [Wanted(key, cost) for key, cost in estimates.items()],
            self._journal.owner,
            self._run,
            self._budget,
        )
        for row in standing.bought.values():
            completion.refuse_demo_teacher(self._run.cfg, row["model"])
            self._settle(reply_of(row), cached=True)
        self._put_off |= {key: wanted[key] for key in standing.elsewhere}
        self._mind_the_cap(standing, wanted)
        self._send({key: wanted[key] for key in standing.mine}, estimates)

    def _mind_the_cap(self, standing: Standing, wanted: dict[str, Request]) -> None:
        if standing.may_grow:
            self._put_off |= {key: wanted[key] for key in standing.capped}
        else:
            for key in standing.capped:
                self._settle(Reply(key, pending=standing.reason), cached=False)

    def _send(self, requests: dict[str, Request], estimates: dict[str, Estimate]) -> None:
        if not requests:
            return
        if self._engine is None:
            self._engine = Engine(self._warehouse, self._run, self._journal)
        jobs = [
            Job(
                key,
                request.purpose,
                request.messages,
                body(request, self._run.cfg.llm),
                estimates[key].tokens,
            )
            for key, request in requests.items()
        ]
        self._given_up -= requests.keys()
        self._under_way |= {key: (each, estimates[key].tokens) for key, each in requests.items()}
        self._engine.put(jobs, more=True)

    def _move_on(self, more: bool) -> None:
        """Wait for what is under way, and do what is due meanwhile."""
        if self._engine is None:  # all of it is bought elsewhere, or waits for room under a cap
            time.sleep(TELL_S)
        else:
            self._engine.put([], more=more and self._can_hold_more())
            for outcome in self._engine.outcomes(TELL_S):
                self._take(outcome)
        now = time.monotonic()
        if self._is_load_due(now):
            self._load()
            self._loaded_at = now
        if self._put_off and now - self._looked_at >= LOOK_S:
            wanted, self._put_off = self._put_off, {}
            self._look(wanted)
            self._looked_at = now
        if now - self._told_at >= TELL_S:
            self._watch(self._tally.progress(self._engine.in_flight if self._engine else 0))
            self._told_at = now

    def _take(self, outcome: Outcome) -> None:
        request, reserved = self._under_way.pop(outcome.call_key)
        if outcome.record is None:
            self._given_up.add(outcome.call_key)
            self._settle(Reply(outcome.call_key, pending=outcome.pending), cached=False)
            return
        heeded.listen(self._run, request, outcome.record)
        reply = reply_of(outcome.record)
        self._fresh[reply.call_key] = reply
        self._settle(reply, cached=False)
        unknown = None in (reply.prompt_tokens, reply.answer_tokens) and not reply.error
        more = (reply.prompt_tokens or 0) + (reply.answer_tokens or 0) > reserved
        if self._budget.is_set and (unknown or more):  # than was reserved: look at the caps at once
            self._loaded_at = 0.0

    def _settle(self, reply: Reply, *, cached: bool) -> None:
        self._replies[reply.call_key] = reply
        self._tally.count(reply, self._uses[reply.call_key], cached=cached)

    def _is_load_due(self, now: float) -> bool:
        rows = len(self._journal.unloaded) + len(self._given_up)
        waited = not self._under_way or now - self._loaded_at >= LOAD_S
        return rows >= LOAD_ROWS or (rows > 0 and waited)

    def _load(self) -> None:
        records, given_up = list(self._journal.unloaded), self._given_up
        reached = purchases.load(
            self._warehouse, self._journal.owner, records, [*given_up], self._budget
        )
        self._journal.loaded(len(records))
        self._fresh.clear()
        self._given_up = set()
        if reached and self._engine:
            self._engine.halt(reached)
