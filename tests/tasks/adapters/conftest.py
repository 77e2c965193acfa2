"""A model on loopback that does as each test says, and a store to keep what is bought from it."""

import asyncio
import json
import shutil
import socket
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import CapSettings, FlywheelSettings
from tasks.adapters import calls, endpoint, purchases, sending, store
from tasks.adapters.budget import Budget
from tasks.adapters.prices import prices_of
from tasks.adapters.purchases import Wanted

MODEL = "strong-1"


class Cut(Response):
    """A reply that announces more than it sends before the connection goes."""

    async def __call__(self, scope, receive, send):
        headers = [(b"content-type", b"application/json"), (b"content-length", b"500")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"choices', "more_body": True})


@dataclass
class ScriptedModel:
    """What the server was asked, and what it says: per prompt a list of steps, the last for ever.

    A step is a response, or the fields of a completion that differ from the usual ones.
    """

    urls: list[str]  # the same server under several ports
    script: dict[str, list] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # prompts, in order of arrival
    bodies: list[dict] = field(default_factory=list)
    headers: list[dict] = field(default_factory=list)
    times: defaultdict[str, list] = field(default_factory=lambda: defaultdict(list))
    usual: dict = field(default_factory=dict)  # fields of every completion
    second: Response | None = None  # all that the second port says, if anything of its own
    release: threading.Event = field(default_factory=threading.Event)  # ends every "hold"

    @staticmethod
    def error(status, message="no", **headers):
        body = json.dumps({"error": {"message": message}})
        return Response(body, status, {name.replace("_", "-"): v for name, v in headers.items()})

    @staticmethod
    def page(text, status=200, **headers):
        return Response(text, status, {name.replace("_", "-"): v for name, v in headers.items()})

    @staticmethod
    def cut():
        return Cut()

    @property
    def url(self):
        return self.urls[0]

    @property
    def counts(self):
        return Counter(self.asked)

    def says(self, prompt, *steps):
        self.script[prompt] = list(steps)

    def reset(self):
        self.release.set()
        self.__init__(self.urls)

    async def answer(self, request):
        body = await request.json()
        prompt = body["messages"][-1]["content"]
        self.asked.append(prompt)
        self.bodies.append(body)
        self.headers.append(dict(request.headers))
        self.times[prompt].append(time.monotonic())
        if self.second and str(request.url).startswith(self.urls[1]):
            return self.second
        steps = self.script.get(prompt) or self.script.get("*") or [{}]
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        if step == "hold":
            await held(self.release)
            step = {}
        if isinstance(step, Response):
            return step
        return Response(json.dumps(completion(body, **{**self.usual, **step})))


def completion(body, **changes):
    """Return a chat completion; `content` and other fields of the message go into it."""
    prompt = body["messages"][-1]["content"]
    message = {"role": "assistant", "content": changes.pop("content", f"re: {prompt}")}
    message |= changes.pop("message", {})
    choice = {"index": 0, "message": message, "finish_reason": "stop"} | changes.pop("choice", {})
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return {"id": "x", "model": body["model"], "choices": [choice], "usage": usage} | changes


async def held(release):
    for _ in range(4_000):
        if release.is_set():
            return
        await asyncio.sleep(0.005)


@pytest.fixture(scope="session")
def model_server():
    """One server thread for all tests, on two ports."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    for listening in sockets:  # or the second packet of a reply waits 40 ms for the first one's ACK
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    model = ScriptedModel([f"http://127.0.0.1:{s.getsockname()[1]}/v1" for s in sockets])
    app = Starlette(routes=[Route("/v1/chat/completions", model.answer, methods=["POST"])])
    config = uvicorn.Config(app, lifespan="off", log_level="critical", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    yield model
    model.release.set()
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def model(model_server):
    """The scripted model, with nothing asked and nothing scripted yet."""
    model_server.reset()
    yield model_server
    model_server.release.set()


@pytest.fixture(scope="session")
def empty_warehouse(tmp_path_factory):
    path = tmp_path_factory.mktemp("template") / "warehouse.duckdb"
    store.prepare(path)
    return path


@pytest.fixture
def warehouse(tmp_path, empty_warehouse):
    """The warehouse of a new store."""
    path = tmp_path / "var" / "warehouse.duckdb"
    path.parent.mkdir()
    shutil.copy(empty_warehouse, path)
    return path


@pytest.fixture
def journal_folder(warehouse):
    folder = warehouse.parent / "journal"
    (folder / "loaded").mkdir(mode=0o700, parents=True)
    return folder


@dataclass
class Buyer:
    """Asks the scripted model for one store, each time in a new run unless told otherwise."""

    warehouse: Path
    model: ScriptedModel

    def cfg(self, *, caps=None, profile="development", **llm_settings):
        llm_settings = {"concurrency": 8, "max_attempts": 3, "timeout_s": 10} | llm_settings
        named = {"base_url": self.model.url, "model": MODEL} | llm_settings
        return FlywheelSettings(
            profile=profile,
            var=self.warehouse.parent,
            llm=ModelSettings(**named),
            caps=CapSettings(**(caps or {})),
        )

    def run(self, *, retry_failed=False, **settings):
        return Run(cfg=self.cfg(**settings), retry_failed=retry_failed)

    def ask(self, *prompts, run=None, watch=lambda _: None, **settings):
        requests = [self.request(prompt) for prompt in prompts]
        return list(calls.ask(self.warehouse, run or self.run(**settings), requests, watch))

    @staticmethod
    def request(prompt, **changes):
        system = {"role": "system", "content": "Be brief."}
        fields = {
            "purpose": "answer",
            "messages": [system, {"role": "user", "content": prompt}],
            "params": {"temperature": 0.2, "max_tokens": 64},
        }
        return calls.Request(**{**fields, **changes})

    def claim(self, keys, owner, **settings):
        """Claim as a process called `owner` would."""
        run = self.run(**settings)
        budget = Budget(run, prices_of(run.cfg.llm))
        return purchases.claim(self.warehouse, [Wanted(key) for key in keys], owner, run, budget)

    def bought(self):
        """Return the rows of llm_calls."""
        return store.select(self.warehouse, "FROM llm_calls ORDER BY ALL").to_dicts()

    def claims(self):
        return store.select(self.warehouse, "FROM claims").height

    def journal(self):
        """Return the bytes of every segment, loaded or not."""
        folder = self.warehouse.parent / "journal"
        return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def buyer(warehouse, model):
    return Buyer(warehouse, model)


@pytest.fixture
def short_pauses(monkeypatch):
    """Try again within hundredths of a second; Retry-After is waited for all the same."""
    monkeypatch.setattr(sending, "LONGEST_PAUSE_S", 0.02)
    monkeypatch.setattr(endpoint, "_LONGEST_REST_S", 0.02)


@pytest.fixture
def line():
    """Return a function that makes a journal record of a key."""
    return record


def record(key, **changes):
    message = {"role": "assistant", "content": f"re: {key}"}
    fields = {
        "call_key": key,
        "endpoint": MODEL,
        "purpose": "answer",
        "model": MODEL,
        "reply": json.dumps({"choices": [{"message": message, "finish_reason": "stop"}]}),
        "error": None,
        "prompt_tokens": 10,
        "answer_tokens": 5,
        "cost_usd": None,
        "latency_s": 0.1,
        "attempts": 1,
        "bought_at": store.now(),
        "run_id": "earlier",
    }
    return {**fields, **changes}
