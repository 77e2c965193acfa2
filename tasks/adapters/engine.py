"""The thread that keeps calls moving while its owner looks things up, writes or thinks.

A loop that stood still meanwhile would let replies that are paid for run into their timeout.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from schemas.errors import StoreError
from schemas.run import Run
from tasks.adapters import purchases
from tasks.adapters.jobs import Job, Outcome
from tasks.adapters.journal import Journal
from tasks.adapters.sending import DRAIN_S, Sender

RENEW_S = 60.0  # between renewals of our claims
_TOLD_EVERY_S = 0.01  # an owner that woke for each reply would take its time from the others
_CLOSING_S = 10.0  # for connections, beyond the replies on their way


class Engine:
    """Jobs in, outcomes out. Its methods are for one thread, the owner's."""

    def __init__(self, warehouse: Path, run: Run, journal: Journal) -> None:
        """Start the thread."""
        self._run = run
        self._warehouse = warehouse
        self._journal = journal
        self._outcomes: deque[Outcome] = deque()
        self._news, self._ready = threading.Event(), threading.Event()
        self._alarm: asyncio.TimerHandle | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._work, name="calls", daemon=True)
        self._thread.start()
        self._ready.wait()
        if self._failure:
            raise self._failure

    @property
    def waiting(self) -> int:
        """How many jobs are not under way yet."""
        return self._sender.waiting

    @property
    def in_flight(self) -> int:
        """How many calls are on their way."""
        return self._sender.in_flight

    def put(self, jobs: Sequence[Job], *, more: bool) -> None:
        """Hand jobs over; without `more` to come, refusals in doubt are judged when all is done."""
        self._soon(lambda: self._sender.put(jobs, more=more))

    def halt(self, reason: str) -> None:
        """Send nothing more: what is not on its way is pending for this reason."""
        self._soon(lambda: self._sender.halt(reason))

    def outcomes(self, timeout_s: float) -> list[Outcome]:
        """Wait for outcomes, `timeout_s` at most, and return those that are there.

        Raises:
            OSError: the journal cannot be written.
            DemoTeacherRefused: the profile is production and the demo teacher answered.
        """
        self._news.wait(timeout_s)
        self._news.clear()
        found = [self._outcomes.popleft() for _ in range(len(self._outcomes))]
        failure = self._failure or self._sender.failure
        if failure:
            raise failure
        return found

    def close(self) -> None:
        """Drop what is not sent, wait a while for what is, and end the thread."""
        self._soon(self._over.set)
        self._thread.join(DRAIN_S + _CLOSING_S)

    def _soon(self, action: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the thread has failed: `outcomes` says so
            self._loop.call_soon_threadsafe(action)

    def _work(self) -> None:
        try:
            asyncio.run(self._live())
        except BaseException as error:
            self._failure = error
        finally:
            self._ready.set()
            self._news.set()

    async def _live(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        self._sender = Sender(self._run, self._journal, self._told)
        renewal = asyncio.create_task(self._renew())
        self._ready.set()
        try:
            await self._over.wait()
        finally:
            renewal.cancel()
            await self._sender.close()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_S)
            with suppress(StoreError):  # a busy store: the lease outlasts several renewals
                await asyncio.to_thread(purchases.renew, self._warehouse, self._journal.owner)

    def _told(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        if self._alarm is None:
            self._alarm = self._loop.call_later(_TOLD_EVERY_S, self._wake)

    def _wake(self) -> None:
        self._alarm = None
        self._news.set()
