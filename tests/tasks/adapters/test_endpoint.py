"""What an endpoint is told by headers and statuses, and how several share the work."""

import json
import threading
import time
from itertools import pairwise

import pytest

from tasks.adapters import calls, pace
from tasks.adapters.endpoint import reset_s, retry_after_s


def texts(replies):
    return [reply.text for reply in replies]


def numbered(n):
    return [f"prompt {i}" for i in range(n)]


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("6m0s", 360), ("1.5s", 1.5), ("20ms", 0.02), ("1h2m3s", 3723), ("7", 7), ("", 1), ("x", 1)],
)
def test_time_of_a_reset_is_read_in_every_spelling(said, seconds):
    assert reset_s(said) == pytest.approx(seconds)


def test_retry_after_is_read_in_seconds_and_in_thousandths():
    assert retry_after_s({"retry-after": "2"}) == 2
    assert retry_after_s({"retry-after": "2", "retry-after-ms": "150"}) == 0.15
    assert retry_after_s({"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT"}) == 0


def test_nothing_is_sent_while_no_request_is_left(buyer, model):
    headers = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "400ms"}
    last = json.dumps(
        {"choices": [{"message": {"role": "assistant", "content": "last"}}], "usage": None}
    )
    model.says("prompt 0", model.page(last, **headers))
    buyer.ask(*numbered(3), concurrency=1)
    [first] = model.times["prompt 0"]
    assert all(at - first >= 0.4 for name in ("prompt 1", "prompt 2") for at in model.times[name])


def test_random_429s_hold_up_their_own_calls_only(buyer, model):
    model.says("prompt 5", model.error(429, retry_after="1"), {})
    replies = buyer.ask(*numbered(60), concurrency=2)
    assert texts(replies) == [f"re: {prompt}" for prompt in numbered(60)]
    first, second = model.times.pop("prompt 5")
    assert second - first >= 1
    assert sum(first < at < second for [at] in model.times.values()) > 20


@pytest.mark.slow
@pytest.mark.parametrize("rpm", [None, 1_200])
def test_clustered_429s_stop_everybody_for_as_long_as_they_ask(buyer, model, rpm):
    model.says("*", *[model.error(429, retry_after="0.7")] * 12, {})
    buyer.ask(*numbered(30), concurrency=4, max_attempts=9, rpm=rpm)
    times = sorted(at for some in model.times.values() for at in some)
    assert max(after - before for before, after in pairwise(times)) >= 0.6
    assert len(times) < 30 + 20


def test_a_rate_is_kept_from_the_first_call_on(buyer, model):
    buyer.ask(*numbered(25), concurrency=20, rpm=1_200)
    times = sorted(at for some in model.times.values() for at in some)
    assert times[-1] - times[0] >= 24 / 20
    assert len(model.asked) == 25


def test_tokens_per_minute_count_what_was_used_not_what_was_feared(buyer, model):
    requests = [buyer.request(p, params={"max_tokens": 2_000}) for p in numbered(12)]
    run = buyer.run(concurrency=1, tpm=120_000)  # 2,000 a second, of which each call uses 15
    begun = time.monotonic()
    list(calls.ask(buyer.warehouse, run, requests))
    assert time.monotonic() - begun < 6  # 12 of them in full would take 12 s
    assert len(model.asked) == 12


def test_endpoints_of_a_group_share_the_work(buyer, model):
    model.says("*", "hold")
    threading.Timer(0.5, model.release.set).start()
    buyer.ask(*numbered(12), concurrency=4, also=(model.urls[1],))
    hosts = [headers["host"] for headers in model.headers]
    assert sorted(hosts[:8]) == sorted(url.split("/")[2] for url in model.urls for _ in range(4))
    assert len(model.asked) == 12


def test_an_endpoint_that_is_down_leaves_its_calls_to_the_other(buyer, model, short_pauses):
    replies = buyer.ask(*numbered(40), base_url="http://127.0.0.1:9/v1", also=(model.url,))
    assert texts(replies) == [f"re: {prompt}" for prompt in numbered(40)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "said",
    [
        {"status": 502},
        {"status": 404},
        {"status": 401},
        {"status": 429, "retry_after": "3600"},
        {"status": 200, "message": "not what was asked for"},
    ],
)
@pytest.mark.parametrize("calls_to_make", [5, 200])
def test_an_endpoint_that_brings_nothing_costs_no_prompt_its_answer(
    buyer, model, short_pauses, said, calls_to_make
):
    model.second = model.error(**said)
    replies = buyer.ask(*numbered(calls_to_make), also=(model.urls[1],), max_attempts=3)
    assert texts(replies) == [f"re: {prompt}" for prompt in numbered(calls_to_make)]


def test_a_call_ends_at_its_deadline_whatever_tries_are_left(buyer, model):
    model.says("prompt 0", model.error(500, "down"))
    begun = time.monotonic()
    replies = buyer.ask(*numbered(3), max_attempts=1_000, deadline_s=1.0)
    assert replies[0].pending == "HTTP 500: down"
    assert time.monotonic() - begun < 30
    assert len(model.times["prompt 0"]) < 20


@pytest.mark.parametrize("transport", ["openai", "aiohttp"])
def test_both_transports_say_the_same(buyer, model, transport, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-1")
    model.says("bad", model.error(400, "no"))
    model.says("cut", model.cut(), {})
    model.says("429", model.error(429, retry_after_ms="50"), {})
    replies = buyer.ask("a", "bad", "cut", "429", transport=transport, api_key_env="MY_KEY")
    assert [(reply.text, reply.error) for reply in replies] == [
        ("re: a", None),
        (None, "HTTP 400: no"),
        ("re: cut", None),
        ("re: 429", None),
    ]
    assert {headers["authorization"] for headers in model.headers} == {"Bearer sk-1"}
    assert {headers["content-type"] for headers in model.headers} == {"application/json"}
    assert model.bodies[0]["messages"] == buyer.request("a").messages
    assert buyer.ask("a", "bad", transport="openai") == replies[:2]


def test_every_call_may_be_in_flight_that_the_settings_allow(buyer, model, monkeypatch):
    monkeypatch.setattr(pace, "_FIRST", 300.0)
    model.says("*", "hold")
    seen = []

    def look():
        for _ in range(600):
            if len(model.asked) == 150:
                break
            time.sleep(0.05)
        seen.append(len(model.asked))
        model.release.set()

    looking = threading.Thread(target=look)
    looking.start()
    buyer.ask(*numbered(150), concurrency=150, timeout_s=60)
    looking.join()
    assert seen == [150]  # aiohttp's own pool would stop at 100
