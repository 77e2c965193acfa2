"""Start a Prefect server, a worker and deploy/prefect.yaml as an operator does: one turn."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from prefect.client.orchestration import SyncPrefectClient

from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks import exam
from tasks.adapters import store
from tasks.demo import held_out, teacher, world

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 2)
EVAL_SET, MODEL = "held-out-v1", "v1"
RUNS = {
    "day": ["flywheel/nightly", "-p", f"day={DAY}"],
    "night": ["flywheel/nightly", "--start-at", "2026-03-04 02:15 UTC"],
    "release": [
        *("release/release", "-p", f"first={DAY}"),
        *("-p", f"last={DAY}", "-p", f"name={MODEL}"),
    ],
}
LONGEST_S = 300.0  # for a server or a run on a machine that others use too; no test of speed
TOML = f"""\
[[sources]]
name = "demo"
path = "logs"

[llm]
base_url = "{{base_url}}"
model = "{teacher.MODEL}"

[train]
base_model = "base"
max_tokens = 320
epochs = 1
learning_rate = 4e-3
batch_rows = 16
log_every = 1
threads = 1

[evaluate]
eval_set = "{EVAL_SET}"
max_new_tokens = 8
"""


@dataclass
class Turn:
    """What one turn has left: the home folder's settings and what the server knows."""

    cfg: FlywheelSettings
    client: SyncPrefectClient
    server: subprocess.Popen
    runs: dict
    day: date = DAY
    model: str = MODEL

    def rows(self, sql, **params):
        return store.select(self.cfg.warehouse, sql, **params)

    def wait_until(self, ready):
        wait_until(ready, self.server, self.cfg.root)


@pytest.fixture(scope="module")
def turn(tmp_path_factory, teacher_url):
    """Deploy to a server of its own, and let a worker run two days and one release."""
    pytest.importorskip("torch", reason="not run: no torch")
    home = tmp_path_factory.mktemp("home")
    cfg = write_home(home, teacher_url)
    with ExitStack() as stack:
        port = free_port()
        environ = surroundings(home, port)
        words = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
        server = stack.enter_context(started(words, home, environ))
        client = stack.enter_context(SyncPrefectClient(environ["PREFECT_API_URL"]))
        wait_until(lambda: client.api_healthcheck() is None, server, home)
        deploy(home, environ)
        words = ["worker", "start", "--pool", "flywheel"]
        worker = stack.enter_context(started(words, home, environ))
        runs = {
            name: run_to_its_end(words, client, environ, worker, home)
            for name, words in RUNS.items()
        }
        yield Turn(cfg, client, server, runs)


def deploy(home, environ):
    prefect(["work-pool", "create", "flywheel", "--type", "process"], environ)
    words = ["--no-prompt", "deploy", "--all", "--prefect-file", "deploy/prefect.yaml"]
    prefect(words, environ | {"FLYWHEEL_HOME": str(home)})


def write_home(home, base_url):
    """Write settings, logs, an eval set and a base model too small to be any good."""
    from tasks.demo.student import StudentShape, make_base

    world.write_logs(home / "logs", chats_per_day=30)
    (home / "flywheel.toml").write_text(TOML.format(base_url=base_url))
    cfg = load(home / "flywheel.toml", environ={})
    store.prepare(cfg.warehouse)
    held_out.write_eval_set(home / "eval.jsonl", each=1)
    exam.add_eval_set(cfg, EVAL_SET, home / "eval.jsonl")
    said = [json.loads(line)["prompt"] for line in (home / "eval.jsonl").read_text().splitlines()]
    make_base(home / "base", said, 1, StudentShape(vocabulary=400, width=32))
    return cfg


def surroundings(home, port):
    """Return an environment with nothing of Prefect or the flywheel but what is meant here."""
    ours = ("PREFECT_", "FLYWHEEL_")
    path = (str(ROOT), os.environ.get("PYTHONPATH"))  # what is installed may be another checkout
    clean = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return clean | {
        "FLYWHEEL_USER_KEY": "test",
        "PYTHONPATH": os.pathsep.join(filter(None, path)),
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": "1",
    }


def free_port():
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


@contextmanager
def started(words, home, environ):
    """Run a Prefect command in a process group of its own, and end the whole group."""
    with (home / f"{words[0]}.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "prefect", *words],
            cwd=home,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            end_group(process)


def end_group(process):
    for how in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)


def prefect(words, environ):
    """Run a Prefect command to its end; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "prefect", *words],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=False,
    )
    assert done.returncode == 0, f"prefect {' '.join(words)}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def wait_until(ready, process, home):
    """Ask once a second; the process that is waited for must live."""
    until = time.monotonic() + LONGEST_S
    while not ready():
        assert process.poll() is None, logs(home)
        assert time.monotonic() < until, logs(home)
        time.sleep(1)


def logs(home):
    """Return the last lines of the server and of the worker, which shows the logs of its runs."""
    return "\n".join(
        f"--- {path.name}\n{path.read_text(errors='replace')[-8_000:]}"
        for path in sorted(home.glob("*.log"))
    )


def run_to_its_end(words, client, environ, worker, home):
    """Start a deployment as deploy/README.md does; return its run once that is over."""
    said = prefect(["deployment", "run", *words], environ)
    run_id = re.search(r"UUID: (\S+)", said)[1]

    def ended():
        return client.read_flow_run(run_id).state.is_final()

    wait_until(ended, worker, home)
    run = client.read_flow_run(run_id)
    assert run.state.is_completed(), f"{words}: {run.state}\n{logs(home)}"
    return run
