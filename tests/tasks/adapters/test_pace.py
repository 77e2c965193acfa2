"""How fast an endpoint is asked, on a clock that the test moves."""

import pytest

from tasks.adapters.pace import Bucket, Limit, Pause


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def sent_in(seconds, per_minute, clock):
    """Return when each call may go that is asked for as soon as the one before it has gone."""
    bucket, begin, times = Bucket(per_minute, clock), clock.now, []
    while clock.now < begin + seconds:
        clock.now += bucket.take(1)
        times.append(clock.now - begin)
    return times


def test_a_minute_holds_no_more_than_its_rate_and_hardly_less(clock):
    times = sent_in(200, 600, clock)
    for begin in range(0, 130, 7):
        within = sum(begin <= at < begin + 60 for at in times)
        assert 0.96 * 600 <= within <= 600


def test_after_a_rest_one_second_of_calls_may_go_at_once_and_no_more(clock):
    bucket = Bucket(600, clock)
    clock.now += 3_600
    waits = [bucket.take(1) for _ in range(12)]
    assert waits[:9] == [0.0] * 9
    assert 0 < waits[10] < waits[11] < 0.3


def test_what_was_not_used_is_given_back_and_what_was_used_more_is_taken(clock):
    bucket = Bucket(6_000, clock)
    bucket.take(1_000)
    bucket.give_back(900)
    short = bucket.take(0)
    assert short == pytest.approx(100 / 98, rel=0.01)
    bucket.give_back(-100)
    assert bucket.take(0) == pytest.approx(2 * short, rel=0.01)


def test_a_call_larger_than_a_second_of_tokens_waits_and_goes(clock):
    bucket = Bucket(600, clock)
    assert 50 < bucket.take(500) < 52


def rounds(limit, count):
    """Let so many full rounds of answers come in."""
    for _ in range(count):
        for _ in range(limit.calls):
            limit.answered(in_flight=limit.calls)


def test_limit_doubles_each_round_until_the_first_429(clock):
    limit = Limit(1_000, clock)
    seen = [limit.calls]
    for _ in range(7):
        rounds(limit, 1)
        seen.append(limit.calls)
    assert seen == [16, 32, 64, 128, 256, 512, 1_000, 1_000]


def test_a_429_cuts_a_fifth_and_growth_is_one_call_a_round_from_then_on(clock):
    limit = Limit(100, clock)
    rounds(limit, 4)
    limit.throttled()
    assert limit.calls == 80
    rounds(limit, 5)
    assert limit.calls in (84, 85)


def test_429s_of_one_moment_are_one_message(clock):
    limit = Limit(100, clock)
    rounds(limit, 4)
    for _ in range(50):
        limit.throttled()
    assert limit.calls == 80
    clock.now += 1.0
    limit.throttled()
    assert limit.calls == 64


def test_limit_never_reaches_zero_and_never_starts_above_the_most(clock):
    limit = Limit(4, clock)
    assert limit.calls == 4
    for _ in range(100):
        clock.now += 1
        limit.throttled()
    assert limit.calls == 1


def test_limit_that_is_not_used_does_not_grow(clock):
    limit = Limit(1_000, clock)
    for _ in range(500):
        limit.answered(in_flight=3)
    assert limit.calls == 16


def test_one_429_in_ten_pauses_nobody(clock):
    pause = Pause(clock)
    for n in range(1_000):
        pause.heard(throttled=n % 10 == 0, wait_s=5.0)
    assert pause.left_s == 0


def test_429s_that_cluster_pause_everybody_for_as_long_as_they_ask(clock):
    pause = Pause(clock)
    for _ in range(10):
        pause.heard(throttled=True, wait_s=5.0)
    assert pause.left_s == 5
    clock.now += 5
    assert pause.left_s == 0
