"""Start `transformers serve`, a real server that is not ours."""

import importlib.util
import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

COMMAND = Path(sys.executable).with_name("transformers")  # of the environment the tests run in
START_S = 120


@pytest.fixture(scope="session")
def serve(tmp_path_factory):
    """Serve a model folder: `with serve(folder) as base_url`; the server is gone after that."""
    if reason := why_not():
        pytest.skip(f"not run: no `transformers serve`; {reason}")

    @contextmanager
    def start(folder):
        home = tmp_path_factory.mktemp("serve")
        port = free_port()
        where = ("--host", "127.0.0.1", "--port", str(port), "--device", "cpu")
        offline = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(home), "OMP_NUM_THREADS": "1"}
        with (
            (home / "log").open("wb") as log,
            subprocess.Popen(
                [str(COMMAND), "serve", str(folder), *where],
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=home,
                env={**os.environ, **offline},
            ) as process,
        ):
            try:
                wait_for(f"http://127.0.0.1:{port}/health", process, home / "log")
                yield f"http://127.0.0.1:{port}/v1"
            finally:
                process.kill()
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=5).close()

    return start


def why_not():
    """Return what is missing to run a server, or None."""
    needed = ("torch", "transformers", "fastapi", "uvicorn")
    missing = [name for name in needed if importlib.util.find_spec(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)}"
    return None if COMMAND.exists() else f"no transformers command at {COMMAND}"


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


def wait_for(url, process, log):
    begun = time.monotonic()
    while time.monotonic() - begun < START_S and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"transformers serve did not start:\n{log.read_text()[-3_000:]}")
