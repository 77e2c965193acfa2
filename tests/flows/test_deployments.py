"""A Prefect server, a worker and deploy/prefect.yaml as an operator starts them: one turn."""

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
from schemas.stages import STAGES
from tasks import exam
from tasks.adapters import store
from tasks.demo import held_out, teacher, world

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 2)
EVAL_SET, MODEL = "held-out-v1", "v1"
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

    def rows(self, sql, **params):
        return store.select(self.cfg.warehouse, sql, **params)


@pytest.fixture(scope="module")
def turn(tmp_path_factory, teacher_url):
    """Deploy to a server of its own, and let a worker run one day and one release."""
    pytest.importorskip("torch", reason="not run: no torch")
    home = tmp_path_factory.mktemp("home")
    cfg = write_home(home, teacher_url)
    with ExitStack() as stack:
        port = free_port()
        environ = surroundings(home, port)
        server = ["server", "start", "--host", "127.0.0.1", "--port", str(port)]
        serving = stack.enter_context(started(server, home, environ))
        client = stack.enter_context(SyncPrefectClient(environ["PREFECT_API_URL"]))
        wait_until(lambda: client.api_healthcheck() is None, serving, home)
        prefect(["work-pool", "create", "flywheel", "--type", "process"], environ)
        deploy = ["--no-prompt", "deploy", "--all", "--prefect-file", "deploy/prefect.yaml"]
        prefect(deploy, environ | {"FLYWHEEL_HOME": str(home)})
        worker = ["worker", "start", "--pool", "flywheel"]
        working = stack.enter_context(started(worker, home, environ))
        runs = {}
        for name, words in (
            ("flywheel/nightly", [f"day={DAY}"]),
            ("release/release", [f"first={DAY}", f"last={DAY}", f"name={MODEL}"]),
        ):
            runs[name] = run_to_its_end(name, words, client, environ, working, home)
        yield Turn(cfg, client, serving, runs)


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


def run_to_its_end(name, words, client, environ, worker, home):
    """Start a deployment as deploy/README.md does; return its run once that is over."""
    parameters = [part for word in words for part in ("-p", word)]
    said = prefect(["deployment", "run", name, *parameters], environ)
    run_id = re.search(r"UUID: (\S+)", said)[1]

    def ended():
        return client.read_flow_run(run_id).state.is_final()

    wait_until(ended, worker, home)
    run = client.read_flow_run(run_id)
    assert run.state.is_completed(), f"{name}: {run.state}\n{logs(home)}"
    return run


def keys(turn):
    return {artifact.key for artifact in turn.client.read_artifacts(limit=200)}


def only(frame):
    assert frame.height == 1, frame
    return frame.row(0, named=True)


def test_a_run_is_named_after_what_it_was_asked_for(turn):
    assert {name: run.name for name, run in turn.runs.items()} == {
        "flywheel/nightly": f"flywheel-{DAY}",
        "release/release": f"release-{MODEL}",
    }


def test_the_server_knows_the_schedule_and_runs_a_deployment_once_at_a_time(turn):
    nightly = turn.client.read_deployment_by_name("flywheel/nightly")
    assert [(s.active, s.schedule.cron) for s in nightly.schedules] == [(True, "15 2 * * *")]
    for name in ("flywheel/nightly", "backfill/backfill", "release/release"):
        deployed = turn.client.read_deployment_by_name(name)
        assert deployed.global_concurrency_limit.limit == 1
        assert deployed.concurrency_options.collision_strategy.value == "ENQUEUE"
        assert deployed.work_pool_name == "flywheel"
    assert turn.client.read_deployment_by_name("release/release").schedules == []


def test_the_server_plans_the_coming_nights(turn):
    nightly = turn.client.read_deployment_by_name("flywheel/nightly")

    def planned():
        runs = turn.client.get_scheduled_flow_runs_for_deployments([nightly.id])
        return [run.expected_start_time for run in runs]

    wait_until(planned, turn.server, turn.cfg.root)
    assert {(at.hour, at.minute) for at in planned()} == {(2, 15)}


def test_deploying_fixes_the_home(turn):
    steps = turn.client.read_deployment_by_name("flywheel/nightly").pull_steps
    step = steps[0]["prefect.deployments.steps.set_working_directory"]
    assert step == {"directory": str(turn.cfg.root)}


def test_the_day_is_in_the_tables(turn):
    chats = "SELECT count(*) AS n FROM chats WHERE day = $day"
    assert turn.rows(chats, day=DAY)["n"].item() > 0
    kept = "SELECT count(*) AS n FROM unique_answers WHERE day = $day AND drop_reason IS NULL"
    assert turn.rows(kept, day=DAY)["n"].item() > 0
    runs = turn.rows("SELECT stage, status FROM stage_runs WHERE day = $day", day=DAY)
    assert dict(runs.iter_rows()) == {stage.name: "complete" for stage in STAGES}
    assert set(turn.rows("SELECT status FROM stage_runs")["status"]) == {"complete"}
    assert turn.rows("FROM conservation").height == 0


def test_the_release_is_in_the_tables(turn):
    dataset = only(turn.rows("FROM dataset_versions"))
    assert (dataset["dataset_version"], dataset["first_day"]) == (MODEL, DAY)
    rows = turn.rows("SELECT split, count(*) AS n FROM sft_rows GROUP BY split")
    counts = dict(rows.iter_rows())
    assert counts["train"] == dataset["train_rows"] > 0
    training = only(turn.rows("FROM training_runs"))
    assert (training["status"], training["model_id"]) == ("complete", MODEL)
    assert turn.rows("FROM training_metrics").height > 0
    models = {row["model_id"]: row for row in turn.rows("FROM models").to_dicts()}
    assert set(models) == {MODEL, training["base_model"]}
    asked = turn.rows("FROM eval_prompts").height
    answers = turn.rows("SELECT model_id, count(*) AS n FROM eval_answers GROUP BY 1")
    assert dict(answers.iter_rows()) == dict.fromkeys(models, asked)


def test_the_model_is_refused_and_the_verdicts_say_why(turn):
    verdicts = turn.rows("FROM verdicts")
    whole = verdicts.filter(verdicts["area"] == "all").row(0, named=True)
    assert whole["conclusion"] == "no_difference"
    model = only(turn.rows("FROM models WHERE model_id = $model", model=MODEL))
    assert model["status"] == "candidate"
    assert model["reason"].startswith("refused: ")


def test_the_published_file_holds_both_halves(turn):
    import duckdb

    with duckdb.connect(str(turn.cfg.published), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM unique_answers").fetchall()[0][0] > 0
        assert con.sql("SELECT model_id FROM verdicts LIMIT 1").fetchall() == [(MODEL,)]


def test_every_stage_leaves_an_artifact(turn):
    of_the_day = {f"{stage.name.replace('_', '-')}-{DAY}" for stage in STAGES}
    of_the_release = {f"{name}-{MODEL}" for name in ("upsample", "train", "evaluate", "promote")}
    assert of_the_day | of_the_release <= keys(turn)


def test_a_line_per_stage_is_in_the_log_of_the_run(turn):
    from prefect.client.schemas.filters import LogFilter

    for name, begins in (
        ("flywheel/nightly", f"{DAY} answer: "),
        ("release/release", "promote v1"),
    ):
        of_run = LogFilter(flow_run_id={"any_": [turn.runs[name].id]})
        lines = [log.message for log in turn.client.read_logs(of_run, limit=200)]
        assert any(line.startswith(begins) for line in lines), lines
