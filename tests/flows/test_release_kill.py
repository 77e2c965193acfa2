"""kill -9 of a whole release in the middle of training; the same command goes on from there."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress

import pytest

from tasks.adapters import store

pytest.importorskip("torch", reason="not run: no torch")
pytestmark = pytest.mark.slow

DEADLINE_S = 300


def flywheel(cfg, *words):
    """Start the command line on the settings of a store."""
    said = {"train": cfg.train, "evaluate": cfg.evaluate}
    lines = [
        line
        for section, values in said.items()
        for line in (f"[{section}]", *(f"{k} = {json.dumps(v)}" for k, v in _set(values)))
    ]
    (cfg.root / "flywheel.toml").write_text("\n".join(lines))
    command = [sys.executable, "-m", "flows.cli", *words, "--config", cfg.root / "flywheel.toml"]
    with (cfg.root / "stderr").open("a") as stderr:  # no pipe: Prefect's server would keep it open
        return subprocess.Popen(command, stdout=stderr, stderr=stderr, start_new_session=True)


def end(process, cfg):
    """Wait for a process; return its exit code and words. A killed one leaves a server behind."""
    try:
        code = process.wait(timeout=DEADLINE_S)
        return code, (cfg.root / "stderr").read_text()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


def _set(values):
    return [(name, value) for name, value in values.model_dump().items() if value is not None]


def kill_after(process, cfg, steps):
    """Kill a release with SIGKILL once its training has logged so many lines."""
    latest = time.monotonic() + DEADLINE_S
    while time.monotonic() < latest and process.poll() is None:
        logs = list((cfg.var / "training").glob("*/metrics.jsonl"))
        if logs and len(logs[0].read_text().splitlines()) >= steps:
            os.kill(process.pid, signal.SIGKILL)
            break
        time.sleep(0.02)
    assert end(process, cfg)[0] == -signal.SIGKILL


def weights(cfg):
    [path] = (cfg.var / "training").glob("*/model/model.safetensors")
    return path.read_bytes()


def test_a_release_killed_while_it_trains_goes_on_and_ends_with_the_same_model(ready, tables):
    whole, killed = ready(epochs=40), ready(epochs=40)
    code, said = end(flywheel(whole, "release", "--name", "v1"), whole)
    assert code == 0, said

    kill_after(flywheel(killed, "release", "--name", "v1"), killed, steps=6)
    run = tables(killed, "training_runs").to_dicts()[0]
    assert (run["status"], run["finished_at"]) == ("running", None)
    assert store.select(killed.warehouse, "FROM models WHERE status <> 'base'").height == 0

    code, said = end(flywheel(killed, "release", "--name", "v1"), killed)
    assert code == 0, said
    run = tables(killed, "training_runs").to_dicts()[0]
    assert run["status"] == "complete"
    assert 0 < run["resumed_from"] < run["steps"]
    assert weights(killed) == weights(whole)
    same = ("step", "loss", "tokens")
    assert (
        tables(killed, "training_metrics")
        .select(same)
        .equals(tables(whole, "training_metrics").select(same))
    )
    champions = store.select(killed.warehouse, "FROM models WHERE status = 'champion'")
    assert champions["model_id"].to_list() == ["v1"]
