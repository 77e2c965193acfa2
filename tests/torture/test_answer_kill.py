"""kill -9 of the answer stage at random moments: the tables end as if nothing had happened."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.conversation import text_message
from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.adapters import store
from tasks.answer import answer
from tasks.demo import teacher

ROOT = Path(__file__).parents[2]
DAY, CONCURRENCY = date(2026, 3, 2), 32
SIZES = [
    pytest.param(300, 2, id="few"),
    pytest.param(5_000, 20, id="many"),
]
ANSWER = """
import sys
from datetime import date
from schemas.batch import Batch
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.answer import answer

cfg = FlywheelSettings.model_validate_json(sys.argv[1])
print("ready", flush=True)
batch = Batch(warehouse=cfg.warehouse, table="unique_prompts", day=date(2026, 3, 2), rows=1)
answer.fn(batch, Run(cfg=cfg))
"""


def a_day_of_prompts(var, url, count):
    """Return the settings of a store with so many unique prompts to answer."""
    llm = ModelSettings(base_url=url, model=teacher.MODEL, concurrency=CONCURRENCY)
    cfg = FlywheelSettings(var=var, llm=llm)
    store.prepare(cfg.warehouse)
    made = []
    for n in range(count):
        asked = text_message("user", f"What is {n} + {7 * n}?")
        made.append({"prompt_id": f"p{n:05}", "chat_id": f"p{n:05}", "messages": [asked]})
        made[-1] |= {"prompt": asked["content"], "area": "maths", "kind": "arithmetic"}
        made[-1]["started_at"] = datetime(2026, 3, 2) + timedelta(seconds=n)
    usual = {"day": DAY, "turn": 0, "language": "en", "origin": "log", "input_hash": 1}
    with store.writing(cfg.warehouse) as con:
        for table in ("prompts", "unique_prompts"):
            columns = contracts.schema(table)
            empty = {n: [] if str(k).startswith("List") else None for n, k in columns.items()}
            rows = [{**empty, **{n: v for n, v in {**usual, **row}.items() if n in columns}}
                    for row in made]  # fmt: skip
            store.replace(con, table, DAY, contracts.frame(table, rows))
    return cfg


def answers(cfg):
    return store.select(cfg.warehouse, "FROM answers ORDER BY answer_id").to_dicts()


def served(url):
    with urllib.request.urlopen(url.replace("/v1", "/stats")) as stats:
        return json.load(stats)["served"]


def killed_after(cfg, seconds):
    """Start the stage in a process of its own and kill it; False when it was done before."""
    process = subprocess.Popen(
        [sys.executable, "-c", ANSWER, cfg.model_dump_json()],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    with process:
        assert process.stdout.readline() == b"ready\n"
        time.sleep(seconds)
        was_alive = process.poll() is None
        process.kill()
    return was_alive


@pytest.mark.slow
@pytest.mark.parametrize(("count", "kills"), SIZES)
def test_killed_runs_end_in_the_tables_of_one_that_was_not(tmp_path, count, kills):
    rng = Random(count)
    batch = {"table": "unique_prompts", "day": DAY, "rows": count}
    with teacher.serve(faults=teacher.Faults(latency_s=0.02)) as url:
        whole = a_day_of_prompts(tmp_path / "whole", url, count)
        begun = time.monotonic()
        answer.fn(Batch(warehouse=whole.warehouse, **batch), Run(cfg=whole))
        took_s = time.monotonic() - begun
        assert served(url) == count
    with teacher.serve(faults=teacher.Faults(latency_s=0.02)) as url:
        cfg = a_day_of_prompts(tmp_path / "killed", url, count)
        alive = [killed_after(cfg, rng.uniform(0.1, 2.0) * took_s / kills) for _ in range(kills)]
        answer.fn(Batch(warehouse=cfg.warehouse, **batch), Run(cfg=cfg))
        bought = served(url)
    assert sum(alive) >= kills / 2, "the kills came too late"
    assert answers(cfg) == answers(whole)
    assert len(answers(cfg)) == count
    assert bought <= count + kills * CONCURRENCY
    assert store.select(cfg.warehouse, "FROM claims").height == 0
    assert store.select(cfg.warehouse, "FROM conservation WHERE stage = 'answer'").height == 0
