"""Calls to the strong model: what is bought, what is not bought again, what is never lost."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from schemas.errors import DemoTeacherRefused, LockTimeout, SettingsError
from schemas.model_settings import ModelSettings
from tasks.adapters import calls, engine, journal, purchases, sending, store
from tasks.adapters.journal import Journal
from tasks.demo import teacher

ROOT = Path(__file__).parents[3]


def texts(replies):
    return [reply.text for reply in replies]


def numbered(n, start=0):
    return [f"prompt {i}" for i in range(start, start + n)]


# --- what a call is ---


def test_key_of_a_call_never_changes_or_all_that_was_bought_would_be_lost(buyer):
    key = calls.call_key(buyer.request("What is 2 + 2?"), buyer.cfg().llm)
    assert key == "74efa9de0c7c8a55d26a1bf99571b4db6e8da2bf78107dec81f5b81c2e46e0ab"


def test_order_of_fields_is_not_part_of_the_key(buyer):
    request = buyer.request("a")
    turned = replace(request, params=dict(reversed(request.params.items())))
    cfg = buyer.cfg().llm
    assert calls.call_key(request, cfg) == calls.call_key(turned, cfg)


OTHER_SETTINGS = {
    "base_url": "http://127.0.0.1:9/v2",
    "concurrency": 1,
    "timeout_s": 3.0,
    "max_attempts": 1,
    "api_key_env": "OTHER_KEY",
    "input_usd_per_mtok": 1.0,
    "output_usd_per_mtok": 2.0,
    "also": ("http://127.0.0.1:9/v3",),
    "transport": "aiohttp",
    "api": "embeddings",
    "rpm": 1.0,
    "tpm": 1.0,
    "deadline_s": 1.0,
    "endpoints": {"small": {"model": "small-1"}},
}


def test_only_group_and_model_of_the_settings_are_in_the_key(buyer):
    def key(**llm):
        return calls.call_key(buyer.request("a"), buyer.cfg(**llm).llm)

    others = set(ModelSettings.model_fields) - {"model", "group"}
    assert set(OTHER_SETTINGS) == others
    assert {key(**{name: value}) for name, value in OTHER_SETTINGS.items()} == {key()}
    assert len({key(), key(model="strong-2"), key(group="pool")}) == 3


def test_another_run_under_other_settings_buys_nothing_again(buyer, model):
    buyer.ask("a", "b")
    run = buyer.run(**OTHER_SETTINGS, profile="production", caps={"max_calls": 0})
    requests = [buyer.request(prompt, purpose="tag") for prompt in ("b", "a")]
    assert texts(calls.ask(buyer.warehouse, run, requests)) == ["re: b", "re: a"]
    assert model.counts == {"a": 1, "b": 1}


def test_another_request_is_bought(buyer, model):
    others = [
        {},
        {"messages": [{"role": "user", "content": "a"}]},
        {"params": {"temperature": 0.2, "max_tokens": 65}},
        {"params": {"temperature": 0.2, "max_tokens": 64, "tools": []}},
        {"sample": 1},
    ]
    requests = [buyer.request("a", **other) for other in others]
    keys = {reply.call_key for reply in calls.ask(buyer.warehouse, buyer.run(), requests)}
    assert (len(keys), model.counts) == (5, {"a": 5})


def test_another_model_is_asked_again(buyer, model):
    buyer.ask("a")
    buyer.ask("a", model="strong-2")
    assert [body["model"] for body in model.bodies] == ["strong-1", "strong-2"]


def test_members_of_a_group_share_what_they_bought(buyer, model):
    buyer.ask("a", group="pool")
    buyer.ask("a", group="pool", base_url=model.urls[1])
    assert model.counts == {"a": 1}
    assert [row["endpoint"] for row in buyer.bought()] == ["pool"]


def test_body_is_the_request_and_nothing_else(buyer, model):
    request = buyer.request("a", sample=3)
    list(calls.ask(buyer.warehouse, buyer.run(), [request]))
    assert model.bodies == [{"model": "strong-1", "messages": request.messages, **request.params}]


# --- order, duplicates, chunks ---


def test_replies_come_in_the_order_of_the_requests(buyer, model):
    model.says("slow", "hold")
    threading.Timer(0.2, model.release.set).start()
    prompts = ["slow", *numbered(20)]
    assert texts(buyer.ask(*prompts)) == [f"re: {prompt}" for prompt in prompts]


def test_duplicates_are_bought_once_and_all_answered(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 4)
    prompts = ["a", "b", "a", "a", "a", "c", "b"]  # in one chunk and across chunks
    assert texts(buyer.ask(*prompts)) == [f"re: {prompt}" for prompt in prompts]
    assert model.counts == {"a": 1, "b": 1, "c": 1}


def test_no_requests_are_no_replies_and_leave_nothing(buyer):
    assert buyer.ask() == []
    assert buyer.journal() == {}


def test_requests_are_drawn_a_chunk_at_a_time(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 10)
    monkeypatch.setattr(calls, "WINDOW", 20)
    drawn = []

    def requests():
        for prompt in numbered(35):
            drawn.append(prompt)
            yield buyer.request(prompt)

    seen = []
    for n, reply in enumerate(calls.ask(buyer.warehouse, buyer.run(), requests())):
        assert len(drawn) <= n + 20 + 10
        seen.append(reply.text)
    assert seen == [f"re: {prompt}" for prompt in numbered(35)]
    assert model.counts == dict.fromkeys(numbered(35), 1)


def test_progress_counts_every_request_once(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 3)
    model.says("bad", model.error(400))
    buyer.ask("b")
    seen = []
    prices = {"input_usd_per_mtok": 3.0, "output_usd_per_mtok": 10.0}
    buyer.ask("a", "b", "a", "c", "bad", "a", watch=seen.append, **prices)
    last = seen[-1]
    assert (last.done, last.cached, last.failed, last.pending) == (6, 3, 1, 0)
    assert (last.bought, last.in_flight, last.tokens) == (3, 0, 30)
    assert last.usd == pytest.approx(160e-6)
    assert last.projected_usd(12) == pytest.approx(320e-6)


def test_one_slow_call_holds_up_no_other(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 10)
    monkeypatch.setattr(calls, "TELL_S", 0.02)
    model.says("slow", "hold")
    seen = []

    def watch(progress):
        seen.append((progress.done, progress.in_flight))
        if progress.done == 50:
            model.release.set()

    replies = buyer.ask("slow", *numbered(50), watch=watch)
    assert (50, 1) in seen
    assert texts(replies) == ["re: slow", *(f"re: {prompt}" for prompt in numbered(50))]


def test_concurrency_bounds_the_calls_in_flight(buyer, model):
    model.says("*", "hold")
    seen = []

    def look():
        seen.append(len(model.asked))
        model.release.set()

    threading.Timer(0.3, look).start()
    buyer.ask(*numbered(30), concurrency=4)
    assert seen[0] <= 4
    assert len(model.asked) == 30


@pytest.fixture
def one_is_slow(model, monkeypatch):
    """Load and tell at every moment while the first prompt's reply is held back."""
    monkeypatch.setattr(calls, "LOAD_S", 0.02)
    monkeypatch.setattr(calls, "TELL_S", 0.02)
    model.says("slow", "hold")


@pytest.mark.usefixtures("one_is_slow")
def test_what_is_bought_is_in_the_store_while_the_run_goes_on(buyer, model):
    seen = []

    def watch(progress):
        if progress.done >= 20 and not model.release.is_set():
            seen.append(len(buyer.bought()))
            if seen[-1] == 20:
                assert buyer.claims() == 1
                model.release.set()

    buyer.ask("slow", *numbered(20), watch=watch)
    assert seen[-1] == 20


@pytest.mark.usefixtures("one_is_slow")
def test_segments_are_rotated_and_put_away_while_the_run_goes_on(buyer, model, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 2_000)
    folder, seen = buyer.warehouse.parent / "journal", []

    def watch(progress):
        if progress.done >= 40 and not model.release.is_set():
            seen.append((len(journal.segments(folder)), len(journal.loaded(folder))))
            if seen[-1][0] == 1:  # only the one that is written to
                model.release.set()

    buyer.ask("slow", *numbered(40), watch=watch)
    assert seen[-1][0] == 1
    assert seen[-1][1] >= 5
    assert len(buyer.bought()) == 41
    lines = [line for data in buyer.journal().values() for line in data.splitlines()]
    assert len({json.loads(line)["call_key"] for line in lines}) == len(lines) == 41


def test_all_segments_of_a_dead_process_are_loaded_before_its_claims_go(buyer, model, line):
    folder = buyer.warehouse.parent / "journal"
    folder.mkdir()
    keys = [calls.call_key(buyer.request(prompt), buyer.cfg().llm) for prompt in "ab"]
    buyer.claim(keys, "123-dead")
    for number, key in enumerate(keys, 1):
        text = json.dumps(line(key), default=str) + "\n"
        (folder / f"123-dead.{number:04}.jsonl").write_text(text)
    assert texts(buyer.ask("a", "b", "c")) == [*(f"re: {key}" for key in keys), "re: c"]
    assert model.counts == {"c": 1}


# --- replies of all shapes ---


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart(buyer, model, name):
    model.says("a", {"message": {name: "2 and 2"}})
    [reply] = buyer.ask("a")
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("re: a", "2 and 2", "stop")


def test_reply_tells_model_tokens_and_price(buyer, model):
    model.says("a", {"model": "strong-1-2026"})
    [reply] = buyer.ask("a", input_usd_per_mtok=3.0, output_usd_per_mtok=10.0)
    assert (reply.model, reply.prompt_tokens, reply.answer_tokens) == ("strong-1-2026", 10, 5)
    assert reply.cost_usd == pytest.approx(80e-6)
    assert buyer.ask("a") == [reply]  # the price of its call, cached or not


ODD = [
    {"usage": None},
    {"usage": ["10", "5"]},
    {"usage": {"prompt_tokens": "10", "completion_tokens": -5}},
    {"usage": {"prompt_tokens": 2**63, "completion_tokens": 2.5}},
    {"model": None},
    {"model": {"id": 7}},
    {"choice": {"finish_reason": 7}},
    {"message": {"reasoning": {"steps": []}, "reasoning_content": ["a"]}},
    {"content": None},
    {"content": "\x00 and \ufffe"},
    {"choice": {"logprobs": {"content": [{"token": "t"}]}}},
]


def test_odd_fields_of_one_reply_harm_no_other(buyer, model):
    prompts = [f"odd {json.dumps(odd)}" for odd in ODD]
    for prompt, odd in zip(prompts, ODD, strict=True):
        model.says(prompt, odd)
    replies = buyer.ask(*prompts, "even")
    said = [
        odd.get("content", f"re: {prompt}") or "" for prompt, odd in zip(prompts, ODD, strict=True)
    ]
    assert texts(replies) == [*said, "re: even"]
    assert {type(reply.prompt_tokens) for reply in replies} == {int, type(None)}
    assert {reply.reasoning for reply in replies} == {None}
    assert {reply.finish_reason for reply in replies} == {"stop", None}
    assert buyer.ask(*prompts, "even") == replies
    assert len(model.asked) == len(ODD) + 1


# --- stopping half-way ---


def test_leaving_early_keeps_what_was_bought(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 5)
    monkeypatch.setattr(calls, "WINDOW", 5)
    with closing(calls.ask(buyer.warehouse, buyer.run(), map(buyer.request, numbered(20)))) as some:
        assert next(some).text == "re: prompt 0"
    assert (len(buyer.bought()), buyer.claims(), len(model.asked)) == (5, 0, 5)
    buyer.ask(*numbered(20))
    assert model.counts == dict.fromkeys(numbered(20), 1)


def test_a_caller_that_fails_loses_nothing_bought(buyer, model):
    def watch(progress):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        buyer.ask("a", watch=watch)
    assert buyer.claims() == 0
    assert texts(buyer.ask("a")) == ["re: a"]
    assert model.counts == {"a": 1}


@pytest.fixture
def ctrl_c():
    """Let SIGINT interrupt, also where the tests run in the background and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_keeps_every_reply_and_frees_the_rest(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "TELL_S", 0.02)
    monkeypatch.setattr(sending, "DRAIN_S", 0.2)
    model.says("slow", "hold")

    def watch(progress):
        if progress.done >= 5:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        buyer.ask("slow", *numbered(40), watch=watch, concurrency=3)
    model.release.set()
    kept = [json.loads(row["reply"])["choices"][0]["message"]["content"] for row in buyer.bought()]
    assert len(kept) >= 5
    assert buyer.claims() == 0
    assert {path.parts[0] for path in buyer.journal()} == {"loaded"}
    replies = texts(buyer.ask("slow", *numbered(40)))
    assert replies == ["re: slow", *(f"re: {prompt}" for prompt in numbered(40))]
    assert [text for text in kept if model.counts[text.removeprefix("re: ")] > 1] == []


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_during_a_write_waits_for_the_disk(buyer, monkeypatch):
    sync = os.fdatasync

    def interrupted(handle):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.2)
        sync(handle)

    with monkeypatch.context() as slow:
        slow.setattr(os, "fdatasync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            buyer.ask("a")
    assert (len(buyer.bought()), buyer.claims()) == (1, 0)
    assert {path.parts[0] for path in buyer.journal()} == {"loaded"}


def test_disk_full_is_an_error_and_its_replies_are_not_believed(buyer, model, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", full)
        with pytest.raises(OSError, match="No space left"):
            buyer.ask("a")
    assert (buyer.bought(), buyer.claims()) == ([], 0)
    assert texts(buyer.ask("a")) == ["re: a"]
    assert model.counts == {"a": 1}  # its line had reached the segment after all


def test_store_that_is_busy_for_too_long_loses_nothing_bought(buyer, model, monkeypatch):
    def busy(*_):
        raise LockTimeout("waited 120 s")

    with monkeypatch.context() as held:
        held.setattr(purchases, "load", busy)
        held.setattr(purchases, "settle", busy)
        with pytest.raises(LockTimeout):
            buyer.ask(*numbered(5))
    assert buyer.bought() == []
    assert texts(buyer.ask(*numbered(5))) == [f"re: {prompt}" for prompt in numbered(5)]
    assert (len(model.asked), buyer.claims()) == (5, 0)


def test_wrong_settings_leave_no_segment_behind(buyer):
    with pytest.raises(SettingsError, match="input_usd_per_mtok"):
        buyer.ask("a", caps={"max_usd": 1.0})
    assert buyer.journal() == {}


def test_claims_go_with_whatever_ends_a_run(buyer, model):
    model.usual = {"model": "demo-scripted-teacher"}
    buyer.ask("c")
    with pytest.raises(DemoTeacherRefused):  # as stored, before anything is sent
        buyer.ask("c", "d", profile="production")
    assert buyer.claims() == 0


# --- two at once ---


def test_call_that_another_process_is_buying_is_waited_for(buyer, model, line, monkeypatch):
    monkeypatch.setattr(calls, "LOOK_S", 0.02)
    monkeypatch.setattr(calls, "TELL_S", 0.02)
    folder = buyer.warehouse.parent / "journal"
    key = calls.call_key(buyer.request("a"), buyer.cfg().llm)
    folder.mkdir()
    with closing(Journal(folder)) as other:
        buyer.claim([key], other.owner)
        bought = [line(key)]
        settle = threading.Timer(0.3, purchases.settle, (buyer.warehouse, other.owner, bought))
        settle.start()
        assert texts(buyer.ask("a", "b")) == [f"re: {key}", "re: b"]
        settle.join()
    assert model.counts == {"b": 1}


def test_call_that_another_process_gave_up_is_bought(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "LOOK_S", 0.02)
    monkeypatch.setattr(calls, "TELL_S", 0.02)
    folder = buyer.warehouse.parent / "journal"
    key = calls.call_key(buyer.request("a"), buyer.cfg().llm)
    folder.mkdir()
    with closing(Journal(folder)) as other:
        buyer.claim([key], other.owner)
        give_up = threading.Timer(0.3, purchases.settle, (buyer.warehouse, other.owner, []))
        give_up.start()
        assert texts(buyer.ask("a")) == ["re: a"]
        give_up.join()
    assert model.counts == {"a": 1}


def test_claims_are_renewed_while_calls_are_in_flight(buyer, model, monkeypatch):
    lease = purchases.LEASE
    monkeypatch.setattr(purchases, "LEASE", timedelta(seconds=-1))  # over as soon as given
    monkeypatch.setattr(engine, "RENEW_S", 0.02)
    model.says("slow", "hold")
    seen = []

    def look():
        while not model.asked:
            time.sleep(0.01)
        monkeypatch.setattr(purchases, "LEASE", lease)
        live = "FROM claims WHERE until > $now"
        for _ in range(300):
            if renewed := store.select(buyer.warehouse, live, now=store.now()).to_dicts():
                seen.extend(renewed)
                break
            time.sleep(0.02)
        model.release.set()

    looking = threading.Thread(target=look)
    looking.start()
    assert texts(buyer.ask("slow", timeout_s=30)) == ["re: slow"]
    looking.join()
    assert len(seen) == 1


def test_renewal_that_finds_the_store_busy_harms_nothing(buyer, model, monkeypatch):
    tried = threading.Event()

    def busy(*_):
        tried.set()
        model.release.set()
        raise LockTimeout("waited 120 s")

    monkeypatch.setattr(purchases, "renew", busy)
    monkeypatch.setattr(engine, "RENEW_S", 0.02)
    model.says("slow", "hold")
    assert texts(buyer.ask("slow", "a")) == ["re: slow", "re: a"]
    assert tried.is_set()


def test_segment_of_a_process_that_died_during_this_run_is_loaded(buyer, model, line, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 1)
    monkeypatch.setattr(calls, "WINDOW", 1)
    key = calls.call_key(buyer.request("b"), buyer.cfg().llm)
    with closing(
        calls.ask(buyer.warehouse, buyer.run(), map(buyer.request, ["a", "b"]))
    ) as replies:
        next(replies)
        orphan = buyer.warehouse.parent / "journal" / "123-dead.jsonl"  # no claim holds its key
        orphan.write_text(json.dumps(line(key), default=str) + "\n")
        assert next(replies).text == f"re: {key}"
    assert model.counts == {"a": 1}


BUY = """
import json, sys
from pathlib import Path
from schemas.run import Run
from schemas.settings import FlywheelSettings, ModelSettings
from tasks.adapters import calls

var, url, start, stop = sys.argv[1:]
llm = ModelSettings(base_url=url, model="demo-scripted-teacher", concurrency=16)
cfg = FlywheelSettings(var=Path(var), llm=llm)
requests = [
    calls.Request("answer", [{"role": "user", "content": f"What is {n} + 1?"}], {})
    for n in range(int(start), int(stop))
]
print("ready", flush=True)
sys.stdin.readline()
print(json.dumps([reply.text for reply in calls.ask(cfg.warehouse, Run(cfg=cfg), requests)]))
"""


def started(var, url, start, stop):
    arguments = [sys.executable, "-c", BUY, str(var), url, str(start), str(stop)]
    return subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.slow
def test_two_processes_buy_what_they_share_once(warehouse):
    with teacher.serve(faults=teacher.Faults(latency_s=0.01)) as url:
        first, second = (started(warehouse.parent, url, *span) for span in ((0, 200), (40, 240)))
        with first, second:
            for process in (first, second):
                assert process.stdout.readline() == "ready\n"
            for process in (first, second):  # go
                process.stdin.write("\n")
                process.stdin.flush()
            replies = [
                json.loads(process.communicate(timeout=180)[0]) for process in (first, second)
            ]
        with urllib.request.urlopen(url.replace("/v1", "/stats")) as stats:
            counts = json.load(stats)
    assert [len(some) for some in replies] == [200, 200]
    assert replies[0][40:] == replies[1][:160]
    sums = [str(n + 1) in (text or "") for n, text in enumerate(replies[0] + replies[1][160:])]
    assert sum(sums) >= 235  # the teacher spoils one answer in a hundred
    assert (counts["served"], counts["errors"]) == (240, 0)


# --- errors for good ---


def test_permanent_error_is_kept_and_not_asked_again(buyer, model):
    model.says("bad", model.error(400, "too long"))
    for _ in range(2):
        good, bad = buyer.ask("good", "bad")
        assert (good.text, good.error) == ("re: good", None)
        assert (bad.text, bad.error, bad.pending) == (None, "HTTP 400: too long", None)
    assert model.counts == {"good": 1, "bad": 1}


def test_retry_failed_asks_errors_again_and_an_answer_takes_their_place(buyer, model):
    model.says("bad", model.error(400), {})
    buyer.ask("good", "bad")
    run = buyer.run(retry_failed=True)
    assert texts(buyer.ask("good", "bad", run=run)) == ["re: good", "re: bad"]
    assert texts(buyer.ask("good", "bad")) == ["re: good", "re: bad"]
    assert model.counts == {"good": 1, "bad": 2}
    assert [row["error"] for row in buyer.bought()] == [None, None]


def test_retry_failed_asks_once_per_run(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 2)
    model.says("bad", model.error(400))
    buyer.ask("bad")
    run = buyer.run(retry_failed=True)
    replies = buyer.ask("bad", "a", "bad", run=run) + buyer.ask("bad", run=run)
    assert [reply.error for reply in replies] == ["HTTP 400: no", None] + ["HTTP 400: no"] * 2
    assert model.counts == {"bad": 2, "a": 1}
    assert len(buyer.bought()) == 2
