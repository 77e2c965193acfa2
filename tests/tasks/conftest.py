import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from schemas.model_settings import ModelSettings
from schemas.settings import FlywheelSettings, SourceSettings
from tasks.adapters import store


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """An empty warehouse; copying one takes a hundredth of the time of making one."""
    warehouse = tmp_path_factory.mktemp("prepared") / "warehouse.duckdb"
    store.prepare(warehouse)
    return warehouse


@pytest.fixture(scope="session")
def new_store(prepared):
    """Make the settings of an empty store in a folder, with logs/ beside it and no model."""

    def make(root):
        (root / "logs").mkdir(parents=True)
        (root / "var").mkdir(mode=0o711)
        source = SourceSettings(name="logs", path=str(root / "logs"))
        cfg = FlywheelSettings(var=root / "var", sources=(source,))
        shutil.copy(prepared, cfg.warehouse)
        return cfg

    return make


@pytest.fixture
def cfg(new_store, tmp_path):
    return new_store(tmp_path)


class Spoken(BaseHTTPRequestHandler):
    """Answers each chat completion with what `server.say` makes of its request."""

    disable_nagle_algorithm = True  # or the body of a reply waits 40 ms for its headers' ACK

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.bodies.append(body)
        status, content = self.server.say(body)
        reply = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def log_message(self, *_):
        """Say nothing on stderr."""


def completion(said):
    """Make an HTTP reply of a text, or of the fields of an assistant's message."""
    message = said if isinstance(said, dict) else {"content": said}
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1_000_000, "completion_tokens": 2_000_000}
    return 200, {"model": "strong-1", "choices": [choice], "usage": usage}


@pytest.fixture
def model_says():
    """Serve a model on loopback: model_says(say) returns its settings and the bodies it gets.

    `say` turns a request body into a text, a message, or (HTTP status, error message).
    """
    servers = []

    def serve(say):
        def reply(body):
            said = say(body)
            if isinstance(said, tuple):
                return said[0], {"error": {"message": said[1]}}
            return completion(said)

        server = ThreadingHTTPServer(("127.0.0.1", 0), Spoken)
        server.daemon_threads = True
        server.say, server.bodies = reply, []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        servers.append((server, thread))
        prices = {"input_usd_per_mtok": 1.0, "output_usd_per_mtok": 2.0}
        url = f"http://127.0.0.1:{server.server_port}/v1"
        return ModelSettings(
            base_url=url, model="strong-1", max_attempts=1, **prices
        ), server.bodies

    yield serve
    for server, thread in servers:
        server.shutdown()
        thread.join()
        server.server_close()
