"""A scripted server that speaks OpenAI's chat completions on loopback: no model, no network.

It solves the demo's checkable task types and writes a few true sentences on its open ones. Every
reply names the model `demo-scripted-teacher`, which a production profile refuses.
"""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import uvicorn

from schemas.errors import ModelError
from tasks.demo.chat_request import MODEL
from tasks.demo.chat_server import Faults, app

__all__ = ["HOST", "MODEL", "Faults", "app", "main", "serve"]

HOST = "127.0.0.1"
_START_S = 30.0
_STOP_S = 10.0


@contextmanager
def serve(port: int = 0, *, seed: int = 7, faults: Faults | None = None) -> Iterator[str]:
    """Run the teacher in a child process and yield its base URL, up to and including /v1.

    Port 0 takes a free one. The server answers when the block is entered and is gone when it is
    left; it also ends by itself when this process dies.

    Raises:
        ModelError: the port is taken, or the server did not start.
    """
    with _listen(port) as listening:
        port = listening.getsockname()[1]
        child = _start(listening, seed, faults or Faults())
    try:
        _wait_until_ready(port, child)
        yield f"http://{HOST}:{port}/v1"
    finally:
        _stop(child)


def main(port: int = 8399, seed: int = 7) -> None:
    """Run the teacher in the foreground until interrupted.

    Raises:
        ModelError: the port is taken.
    """
    with _listen(port) as listening, suppress(KeyboardInterrupt):
        _server(seed, Faults(), log_level="info").run(sockets=[listening])


def _listen(port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else replies wait for ACKs
    try:
        listening.bind((HOST, port))
    except OSError as error:
        listening.close()
        raise ModelError(f"cannot use port {port}: {error.strerror}; choose another") from error
    listening.listen(1_024)
    return listening


def _server(seed: int, faults: Faults, log_level: str = "warning") -> uvicorn.Server:
    config = uvicorn.Config(
        app(seed, faults),
        lifespan="off",
        log_level=log_level,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)


def _start(listening: socket.socket, seed: int, faults: Faults) -> subprocess.Popen[bytes]:
    """Start the child on a socket that is already open, so that no call can come too early."""
    root = str(Path(__file__).parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    options = {"fd": listening.fileno(), "seed": seed, "faults": asdict(faults)}
    return subprocess.Popen(
        [sys.executable, "-m", "tasks.demo.teacher", json.dumps(options)],
        stdin=subprocess.PIPE,
        pass_fds=(listening.fileno(),),
        env={**os.environ, "PYTHONPATH": path},
        start_new_session=True,  # Ctrl-C is for the caller, which may have calls to finish
    )


def _wait_until_ready(port: int, child: subprocess.Popen[bytes]) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=_START_S)
    try:
        connection.request("GET", "/v1/models")
        connection.getresponse().read()
    except OSError as error:
        raise ModelError(f"the demo teacher did not start (exit code {child.poll()})") from error
    finally:
        connection.close()


def _stop(child: subprocess.Popen[bytes]) -> None:
    if child.stdin:
        child.stdin.close()
    try:
        child.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _serve_as_child(options: str) -> None:
    """Serve on an inherited socket until stdin ends: the parent closed it, or died."""
    given = json.loads(options)
    server = _server(given["seed"], Faults(**given["faults"]))

    def stop_with_parent() -> None:
        os.read(0, 1)
        server.should_exit = True

    threading.Thread(target=stop_with_parent, daemon=True).start()
    server.run(sockets=[socket.socket(fileno=given["fd"])])


if __name__ == "__main__":
    _serve_as_child(sys.argv[1])
