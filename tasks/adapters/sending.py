"""Calls under way: each goes where there is room, until it is answered, refused or hopeless.

All of it happens in one event loop. A call keeps its place in flight until its reply is in the
journal's file, so no kill can cost more calls than may be in flight; it is told of once the disk
has it.
"""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.run import Run
from tasks.adapters.endpoint import Again, Answered, Endpoint, Refused, Verdict, opened
from tasks.adapters.jobs import Job, Outcome, Recorder
from tasks.adapters.journal import Journal
from tasks.adapters.prices import prices_of
from tasks.adapters.refusals import Refusals
from tasks.redaction.rules import rules_of

LONGEST_PAUSE_S = 30.0  # between two tries, unless the server asks for more
_MOST_IN_VAIN = 2  # tries that are billed and bring no completion: a third would not either
_DOUBT = "no answer has shown whether the fault is this prompt's alone"
DRAIN_S = 10.0  # for replies on their way when the caller stops in the middle


@dataclass(slots=True)
class Lane:
    """An endpoint, and its refusals that are not judged yet."""

    endpoint: Endpoint
    refusals: Refusals[Job]

    @property
    def room(self) -> int:
        """How many more calls may go there now."""
        room = self.endpoint.room
        return min(room, 1 - self.endpoint.in_flight) if self.refusals.suspicious else room

    @property
    def may_go_on(self) -> bool:
        """Whether a call may follow in the place of one that is over."""
        return not self.refusals.suspicious and self.endpoint.may_go_on


@dataclass(slots=True)
class Sender:
    """Sends jobs; must be made and used inside one running loop.

    `tell` hears of every job once.
    """

    run: Run
    journal: Journal
    tell: Callable[[Outcome], None]
    failure: BaseException | None = None  # what nobody expected; nothing is sent after it
    _lanes: list[Lane] = field(init=False)
    _recorder: Recorder = field(init=False)
    _queue: deque[Job] = field(default_factory=deque)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _unsent: set[asyncio.Task[None]] = field(default_factory=set)  # it is not their turn yet
    _resting: int = 0  # jobs between two tries
    _more: bool = True  # whether the caller may bring more
    _halted: str | None = None
    _alarm: asyncio.TimerHandle | None = None

    def __post_init__(self) -> None:
        cfg, rules = self.run.cfg.llm, rules_of(self.run.cfg)
        self._recorder = Recorder(self.run, rules, prices_of(cfg))
        self._lanes = [
            Lane(opened(url, cfg, rules), Refusals())
            for url in dict.fromkeys([cfg.base_url, *cfg.also])
        ]

    @property
    def waiting(self) -> int:
        """How many jobs are not under way yet."""
        return len(self._queue)

    @property
    def in_flight(self) -> int:
        """How many calls are on their way."""
        return sum(lane.endpoint.in_flight for lane in self._lanes)

    def put(self, jobs: Iterable[Job], *, more: bool) -> None:
        """Take jobs; without `more` to come, refusals in doubt are judged when all is done."""
        self._queue.extend(jobs)
        self._more = more
        self._go_on()

    def halt(self, reason: str) -> None:
        """Send nothing more: what is not on its way is pending for this reason."""
        self._halted = self._halted or reason
        self._go_on()

    async def close(self) -> None:
        """Drop what is not sent, wait a while for what is, and close every connection."""
        self._halted = self._halted or "stopped"
        self._queue.clear()
        for task in self._unsent:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=DRAIN_S)
        for task in self._tasks:
            task.cancel()
        await self.journal.drain()
        for lane in self._lanes:
            await lane.endpoint.transport.close()

    def _go_on(self) -> None:
        """Send what may be sent now; called whenever something has changed."""
        self._close_what_refuses_all()
        while self._queue and (lane := self._freest()):
            self._start(self._work(self._drawn_for(lane), lane), lane)
        if self._queue and (reason := self._hopeless()):
            self._pend([job.call_key for job in self._queue], reason)
            self._queue.clear()
        if self._queue and self._alarm is None:
            pauses = [lane.endpoint.pause.left_s for lane in self._lanes]
            if left_s := min(filter(None, pauses), default=None):
                self._alarm = asyncio.get_running_loop().call_later(left_s, self._pause_is_over)
        if not (self._queue or self._tasks or self._resting or self._more):
            self._judge_the_rest()

    def _drawn_for(self, lane: Lane) -> Job:
        """Take the next job; as a probe the last one, which may be of another kind."""
        return self._queue.pop() if lane.refusals.suspicious else self._queue.popleft()

    def _freest(self) -> Lane | None:
        if self._halted or self.failure:
            return None
        lane = max(self._lanes, key=lambda lane: lane.room)
        return lane if lane.room > 0 else None

    def _hopeless(self) -> str | None:
        closed = [lane.endpoint.closed for lane in self._lanes]
        return self._halted or (closed[0] if all(closed) else None)

    def _pause_is_over(self) -> None:
        self._alarm = None
        self._go_on()

    def _start(self, work: Coroutine[Any, Any, None], lane: Lane) -> None:
        lane.endpoint.in_flight += 1
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(lambda task: self._done(task, lane))

    def _done(self, task: asyncio.Task[None], lane: Lane) -> None:
        lane.endpoint.in_flight -= 1
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.failure = self.failure or error
        self._go_on()

    async def _work(self, job: Job | None, lane: Lane) -> None:
        """Try a job, and then others in its place: a task for each costs more."""
        while job:
            await self._try(job, lane)
            if lane.room > 0:
                self._go_on()
            free = lane.may_go_on and not (self._halted or self.failure)
            job = self._queue.popleft() if free and self._queue else None

    async def _try(self, job: Job, lane: Lane) -> None:
        if not await self._turn(job, lane.endpoint):
            self._queue.appendleft(job)
            return
        job.tries += 1
        job.begun_at = job.begun_at or time.monotonic()
        verdict: Verdict = await lane.endpoint.send(job.content, job.tokens)
        if isinstance(verdict, Again):
            self._try_again(job, lane.endpoint, verdict)
        elif isinstance(verdict, Answered):
            self._keep(job, self._recorder.answer(job, verdict.got, verdict.latency_s))
            self._keep_refused(lane.refusals.answered(verdict.begun_at))
        else:
            lane.refusals.refused(job, verdict)

    async def _turn(self, job: Job, endpoint: Endpoint) -> bool:
        """Wait for the turn of a job under the rate limits; False when it is not to be sent now."""
        wait_s = endpoint.turn_s(job.tokens)
        if wait_s:
            task = asyncio.current_task()
            assert task
            self._unsent.add(task)
            try:
                await asyncio.sleep(wait_s)
            finally:
                self._unsent.discard(task)
        if not wait_s or (endpoint.is_open and not self._halted):
            return True
        endpoint.give_turn_back(job.tokens)
        return False

    def _try_again(self, job: Job, endpoint: Endpoint, verdict: Again) -> None:
        cfg = self.run.cfg.llm
        if verdict.billed:
            job.in_vain += 1
            job.spent = (job.spent[0] + verdict.billed[0], job.spent[1] + verdict.billed[1])
        too_long = verdict.wait_s > cfg.timeout_s
        elsewhere = (too_long or endpoint.is_failing) and self._is_another_well(endpoint)
        if elsewhere and too_long:
            endpoint.pause.hold(LONGEST_PAUSE_S)
        if elsewhere or endpoint.closed:  # no fault of the job's: it may go to another, or pends
            job.tries -= 1
            self._queue.appendleft(job)
            return
        if job.in_vain >= _MOST_IN_VAIN:
            self._keep(job, self._recorder.refusal(job, verdict.problem))
            return
        pause_s = max(verdict.wait_s, jitter_s(job.tries))
        late = time.monotonic() + pause_s - job.begun_at > cfg.deadline_s
        if late or too_long or job.tries >= cfg.max_attempts:
            endpoint.give_up(verdict.problem)
            self._pend([job.call_key], endpoint.closed or verdict.problem)
            return
        self._resting += 1
        asyncio.get_running_loop().call_later(pause_s, self._rested, job)

    def _is_another_well(self, endpoint: Endpoint) -> bool:
        others = (lane.endpoint for lane in self._lanes if lane.endpoint is not endpoint)
        return any(not (other.closed or other.is_failing) for other in others)

    def _rested(self, job: Job) -> None:
        self._resting -= 1
        self._queue.appendleft(job)
        self._go_on()

    def _keep(self, job: Job, record: dict[str, Any]) -> None:
        """Journal a reply: from here on a kill cannot cost it, and its place in flight is free."""
        safe = self.journal.add(record)
        safe.add_done_callback(lambda safe: self._tell(safe, Outcome(job.call_key, record)))

    def _tell(self, safe: asyncio.Future[None], outcome: Outcome) -> None:
        if error := safe.exception():
            self.failure = self.failure or error
        else:
            self.tell(outcome)

    def _keep_refused(self, refused: Iterable[tuple[Job, Refused]]) -> None:
        for job, refusal in refused:
            self._keep(job, self._recorder.refusal(job, refusal.said))

    def _pend(self, keys: Sequence[str], reason: str) -> None:
        for key in keys:
            self.tell(Outcome(key, None, reason))

    def _close_what_refuses_all(self) -> None:
        for lane in self._lanes:
            if lane.refusals.hopeless and not lane.endpoint.in_flight:
                lane.endpoint.close(_refuses_all(lane.endpoint, lane.refusals.waiting[0][1]))
                self._queue.extendleft(job for job, _ in lane.refusals.waiting)
                lane.refusals.waiting.clear()

    def _judge_the_rest(self) -> None:
        """Judge the refusals that nothing has judged; another address is asked about doubts."""
        for lane in self._lanes:
            own, doubtful = lane.refusals.last_word(alone=len(self._lanes) == 1)
            self._keep_refused(own)
            refuses_all = not lane.refusals.answers
            if doubtful and refuses_all and self._is_another_well(lane.endpoint):
                lane.endpoint.close(_refuses_all(lane.endpoint, doubtful[0][1]))
                self._queue.extend(job for job, _ in doubtful)
                doubtful = []
            for job, refusal in doubtful:
                doubt = _refuses_all(lane.endpoint, refusal)
                self._pend([job.call_key], doubt if refuses_all else f"{refusal.said} ({_DOUBT})")
        if self._queue:
            self._go_on()


def _refuses_all(endpoint: Endpoint, refusal: Refused) -> str:
    hint = "Check [llm] base_url, model and api_key_env."
    return f"{endpoint.base_url} refuses every call: {refusal.said} {hint}"


def jitter_s(tries: int) -> float:
    """Full jitter (the AWS rule): anywhere between 0 and a limit that doubles with each try."""
    return random.uniform(0, min(LONGEST_PAUSE_S, 0.25 * 2**tries))
