"""kill -9 in the middle of buying: nothing acknowledged is lost, next to nothing is bought twice.

Real processes buy from the scripted teacher, which counts what it served. One seed runs always,
the others with `make torture`.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.adapters import calls, store
from tasks.demo import teacher

ROOT = Path(__file__).parents[2]
PROMPTS, CONCURRENCY, CHUNK = 120, 8, 50
SEEDS = range(20)
pytestmark = pytest.mark.slow

# prints the key and text of each reply as soon as `ask` gives it
BUYER = """
import json, sys
from pathlib import Path
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.adapters import calls

settings, prompts, calls.CHUNK = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
cfg = FlywheelSettings.model_validate_json(settings)
requests = [calls.Request("answer", [{"role": "user", "content": p}], {}) for p in prompts]

for reply in calls.ask(cfg.warehouse, Run(cfg=cfg), requests):
    print(json.dumps([reply.call_key, reply.text]), flush=True)
"""


@pytest.fixture
def served(tmp_path):
    """Settings of an empty store with a slow teacher, and a function that counts its replies."""
    with teacher.serve(faults=teacher.Faults(latency_s=0.02)) as url:
        llm = ModelSettings(base_url=url, model=teacher.MODEL, concurrency=CONCURRENCY)
        cfg = FlywheelSettings(var=tmp_path / "var", llm=llm)
        store.prepare(cfg.warehouse)

        def count():
            with urllib.request.urlopen(url.replace("/v1", "/stats")) as stats:
                return json.load(stats)["served"]

        yield cfg, count


def prompts_of(n=PROMPTS):
    return [f"What is {i} + 1000?" for i in range(n)]


@contextmanager
def buying(cfg, prompts=None, chunk=CHUNK):
    """Run a buyer in a process of its own, killed in the end if it still lives."""
    given = [cfg.model_dump_json(), json.dumps(prompts or prompts_of()), str(chunk)]
    process = subprocess.Popen(
        [sys.executable, "-c", BUYER, *given],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        yield process
        process.kill()


def told(process, at_most=None):
    """Read the replies that the buyer told of: call_key -> text."""
    lines = (json.loads(line) for line in process.stdout if line.endswith("\n"))
    return dict(line for line, _ in zip(lines, range(at_most or sys.maxsize), strict=False))


def ask_all(cfg, prompts=None):
    requests = [
        calls.Request("answer", [{"role": "user", "content": prompt}], {})
        for prompt in prompts or prompts_of()
    ]
    return list(calls.ask(cfg.warehouse, Run(cfg=cfg), requests))


def stored(cfg):
    rows = store.select(cfg.warehouse, "SELECT call_key, reply FROM llm_calls").to_dicts()
    message = {row["call_key"]: json.loads(row["reply"])["choices"][0]["message"] for row in rows}
    return {key: said["content"] for key, said in message.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_kill_loses_no_reply_that_was_told_and_buys_only_the_rest(served, seed):
    cfg, count = served
    rng = Random(seed)
    acknowledged, kills = {}, 2
    for _ in range(kills):
        with buying(cfg) as process:
            acknowledged |= told(process, at_most=rng.randrange(1, 100))
            time.sleep(rng.random() * 0.1)  # into a write, a settling, a claim
            process.send_signal(signal.SIGKILL)
            acknowledged |= told(process)
        tear_last_line(cfg, rng)
    replies = {reply.call_key: reply.text for reply in ask_all(cfg)}
    assert len(replies) == PROMPTS
    assert acknowledged
    assert acknowledged.items() <= replies.items()
    assert stored(cfg) == replies
    assert count() <= PROMPTS + kills * CONCURRENCY
    assert store.select(cfg.warehouse, "FROM claims").height == 0
    assert list((cfg.var / "journal").glob("*.*")) == []


def tear_last_line(cfg, rng):
    """End every orphaned segment as a kill in the middle of a write would."""
    for segment in (cfg.var / "journal").glob("*.jsonl"):
        torn = b'{"call_key":"0000","endpoint":"demo-scripted-teacher","purpose":"ans'
        with segment.open("ab") as file:
            file.write(torn[: rng.randrange(len(torn))])


@pytest.mark.parametrize("seed", SEEDS[:5])
def test_waiting_process_takes_over_what_a_killed_one_had_claimed(served, seed):
    cfg, count = served
    slow = cfg.model_copy(update={"llm": cfg.llm.model_copy(update={"concurrency": 2})})
    with buying(slow, chunk=PROMPTS) as first:
        acknowledged = told(first, at_most=1)  # it has claimed everything
        killing = threading.Timer(0.1 + Random(seed).random() * 0.4, first.kill)
        killing.start()
        wanted = prompts_of(PROMPTS + 5)
        replies = {reply.call_key: reply.text for reply in ask_all(cfg, wanted)}
        killing.join()
        acknowledged |= told(first)
    assert 0 < len(acknowledged) < PROMPTS
    assert len(replies) == PROMPTS + 5
    assert acknowledged.items() <= replies.items()
    assert count() <= PROMPTS + 5 + 2


@pytest.mark.parametrize("seed", range(3))
def test_many_buyers_of_which_some_are_killed_end_with_every_row_once(served, seed):
    cfg, count = served
    rng, kills = Random(seed), 3
    prompts = prompts_of(200)
    for _ in range(kills):
        with (
            buying(cfg, rng.sample(prompts, 120)) as doomed,
            buying(cfg, rng.sample(prompts, 120)) as other,
        ):
            told(doomed, at_most=rng.randrange(1, 60))
            doomed.kill()
            assert len(told(other)) == 120
            assert other.wait(180) == 0
    assert all(reply.text is not None for reply in ask_all(cfg, prompts))
    assert len(stored(cfg)) == 200
    assert count() <= 200 + kills * CONCURRENCY
