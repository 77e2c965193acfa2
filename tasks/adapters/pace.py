"""How fast an endpoint may be asked: calls in flight, calls and tokens per minute, pauses."""

import time
from collections.abc import Callable

_FIRST = 16.0  # calls in flight until the first answers come
_FULL = 0.8  # a limit that is not used this far says nothing about what the server bears
_CUT = 0.8  # of the limit is left after a 429 (inspect_ai uses the same)
_CUT_EVERY_S = 1.0  # all 429s of one moment are one message
_UNDER = 0.98  # of the rate is used: two clocks, and windows that do not begin when ours do
_BURST_S = 1.0
_MEMORY = 0.9  # of the share of 429s is kept at each reply: it looks back on about ten
_CROWDED = 0.5  # from this share on the server means everybody
_PAUSE_S = 1.0  # when it does not say how long

Clock = Callable[[], float]


class Bucket:
    """So much per minute, of which one second's worth may go at once.

    It starts empty: a full one would send 61 seconds' worth in the first minute.
    """

    def __init__(self, per_minute: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._per_s = per_minute * _UNDER / 60
        self._most = self._per_s * _BURST_S
        self._level = 0.0
        self._at = clock()

    def take(self, amount: float) -> float:
        """Reserve `amount`; return the seconds to wait until it may be used."""
        self._flow()
        self._level -= amount
        return max(0.0, -self._level / self._per_s)

    def give_back(self, amount: float) -> None:
        """Return what a call did not use; less than 0 takes what it used more."""
        self._flow()
        self._level = min(self._most, self._level + amount)

    def _flow(self) -> None:
        now = self._clock()
        self._level = min(self._most, self._level + (now - self._at) * self._per_s)
        self._at = now


class Limit:
    """How many calls may be in flight: additive increase, multiplicative decrease (TCP's AIMD).

    Until the first 429 it doubles with every round of answers, as TCP's slow start does.
    """

    def __init__(self, most: int, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._most = most
        self._now = min(_FIRST, most)
        self._was_cut_at: float | None = None

    @property
    def calls(self) -> int:
        """How many may be in flight now; at least one."""
        return int(self._now)

    def answered(self, in_flight: int) -> None:
        """Let one answer count; `in_flight` calls were on their way with it."""
        if in_flight >= _FULL * self.calls:
            step = 1.0 if self._was_cut_at is None else 1 / self._now
            self._now = min(self._most, self._now + step)

    def throttled(self) -> None:
        """Count a reply that says: too many."""
        now = self._clock()
        if self._was_cut_at is None or now - self._was_cut_at >= _CUT_EVERY_S:
            self._now = max(1.0, self._now * _CUT)
            self._was_cut_at = now


class Pause:
    """When nobody may ask: the 429s cluster, or the server says that nothing is left.

    A single 429 holds up its own call only; if one in ten made all others wait, nothing would move.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._share = 0.0  # of recent replies that were 429s
        self._until = 0.0

    @property
    def left_s(self) -> float:
        """Seconds to wait before the next call; 0 when there is no pause."""
        return max(0.0, self._until - self._clock()) if self._until else 0.0

    def heard(self, *, throttled: bool, wait_s: float = 0.0) -> None:
        """Count a reply; `wait_s` is what a 429 asks for."""
        self._share = self._share * _MEMORY + (1 - _MEMORY) * throttled
        if throttled and self._share > _CROWDED:
            self.hold(wait_s or _PAUSE_S)

    def hold(self, wait_s: float) -> None:
        """Pause for `wait_s` seconds from now."""
        self._until = max(self._until, self._clock() + wait_s)
