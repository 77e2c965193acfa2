"""A server that does everything wrong now and then: every prompt ends answered or with a reason."""

import asyncio
import json
import threading
from random import Random

import pytest

from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.adapters import calls, sending, store

FAULTS = {  # share of replies, as the tries of a seeded generator fall
    "429": 0.10,
    "503": 0.05,
    "stall": 0.03,
    "cut": 0.03,
    "reset": 0.03,
    "half_json": 0.03,
    "html": 0.03,
    "slow_loris": 0.02,
}
REFUSED, ALWAYS_DOWN, DEAD_SILENT = "prompt 7", "prompt 11", "prompt 13"


def http(status, body, more=""):
    head = f"HTTP/1.1 {status} x\r\ncontent-type: application/json\r\n{more}"
    return f"{head}content-length: {len(body.encode())}\r\n\r\n{body}".encode()


def completed(prompt):
    message = {"role": "assistant", "content": f"re: {prompt}"}
    usage = {"prompt_tokens": 10, "completion_tokens": 5}
    choice = {"message": message, "finish_reason": "stop"}
    return json.dumps({"model": "strong-1", "choices": [choice], "usage": usage})


class Chaos(asyncio.Protocol):
    """Answers a request on loopback as the dice say."""

    def __init__(self, rng, served):
        self.rng, self.served, self.read = rng, served, b""

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.read += data
        head, _, body = self.read.partition(b"\r\n\r\n")
        length = head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]
        if length and len(body) >= int(length):
            self.read = b""
            self.reply(json.loads(body)["messages"][-1]["content"])

    def reply(self, prompt):
        whole = completed(prompt)
        wait = f"retry-after-ms: {self.rng.randrange(80)}\r\n"
        says = {
            "429": http(429, "{}", wait),
            "503": http(503, "<html>busy</html>"),
            "refused": http(400, '{"error": {"message": "poisoned"}}'),
            "stall": b"",
            "cut": http(200, whole)[:-40],
            "reset": b"",
            "half_json": http(200, whole[:-20]),
            "html": http(200, "<html><body>Just a moment...</body></html>"),
            "slow_loris": b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
            None: http(200, whole),
        }
        after = {
            "cut": self.transport.close,
            "reset": self.transport.abort,
            "slow_loris": self.trickle,
            None: lambda: self.served.append(prompt),
        }
        fault = self.fault(prompt)
        self.transport.write(says[fault])
        after.get(fault, lambda: None)()

    def fault(self, prompt):
        lasting = {REFUSED: "refused", ALWAYS_DOWN: "503", DEAD_SILENT: "stall"}
        if prompt in lasting:
            return lasting[prompt]
        dice = self.rng.random()
        for fault, share in FAULTS.items():
            dice -= share
            if dice < 0:
                return fault
        return None

    def trickle(self):
        if not self.transport.is_closing():
            self.transport.write(b" ")
            asyncio.get_running_loop().call_later(0.02, self.trickle)


@pytest.fixture
def chaos():
    """A function that serves from a thread, with a seed: it returns the URL and what was served."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()

    def start(seed):
        rng, served = Random(seed), []
        making = loop.create_server(lambda: Chaos(rng, served), "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(making, loop).result(10)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", served

    yield start
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.mark.parametrize("transport", ["openai", "aiohttp"])
@pytest.mark.parametrize("seed", range(6))
@pytest.mark.sampled(1)
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # the server's half-closed connections
def test_every_prompt_ends_answered_or_with_a_reason(tmp_path, chaos, transport, seed, monkeypatch):
    monkeypatch.setattr(sending, "LONGEST_PAUSE_S", 0.1)
    url, served = chaos(seed)
    llm = ModelSettings(
        base_url=url, model="strong-1", concurrency=32, timeout_s=0.5, transport=transport
    )
    cfg = FlywheelSettings(var=tmp_path / "var", llm=llm)
    store.prepare(cfg.warehouse)
    prompts = [f"prompt {n}" for n in range(400)]
    requests = [calls.Request("answer", [{"role": "user", "content": p}], {}) for p in prompts]
    replies = dict(zip(prompts, calls.ask(cfg.warehouse, Run(cfg=cfg), requests), strict=True))
    assert replies.pop(REFUSED).error == "HTTP 400: poisoned"
    assert replies.pop(ALWAYS_DOWN).pending == "HTTP 503: <html>busy</html>"
    assert replies.pop(DEAD_SILENT).pending == "no reply within 0.5 s"
    pending = [reply.pending for reply in replies.values() if reply.text is None]
    assert all(pending)
    assert len(pending) <= 2  # six tries of one in three
    answered = {prompt: reply.text for prompt, reply in replies.items() if reply.text is not None}
    assert answered == {prompt: f"re: {prompt}" for prompt in answered}
    again = list(calls.ask(cfg.warehouse, Run(cfg=cfg), requests[:7]))
    assert [reply.text for reply in again] == [f"re: prompt {n}" for n in range(7)]
    assert len(served) == len(set(served)), "bought twice"
