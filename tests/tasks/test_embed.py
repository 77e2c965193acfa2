"""Vectors of answers, from a server on loopback that counts words."""

import json
import socket
import threading
from base64 import b64encode

import numpy as np
import polars as pl
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from schemas.errors import ModelError
from schemas.model_settings import EndpointSettings, ModelSettings
from schemas.run import Run
from tasks.adapters import store
from tasks.adapters.completion import NotACompletion
from tasks.adapters.vectors import parsed, vector
from tasks.embed import MOST_CHARS, embedded
from tasks.homogeneity import SAMPLE, meaning, sample
from tasks.redaction.redact import Redactor
from tasks.redaction.rules import BUILT_IN

ANSWERS = {
    "a": "Boil the eggs for six minutes.",
    "b": "For six minutes boil the eggs.",
    "c": "Take the night train to Rome.",
}


class CountingServer:
    """Answers with a vector of counted words: as numbers, or as base64 where that is asked for."""

    def __init__(self):
        self.bodies, self.refused, self.as_numbers = [], set(), False

    async def embed(self, request):
        body = await request.json()
        self.bodies.append(body)
        text = body["input"]
        if text in self.refused:
            return JSONResponse({"error": {"message": "input too long"}}, 400)
        counts = np.zeros(64, "<f4")
        for word in text.lower().rstrip(".").split():
            counts[sum(word.encode()) % 64] += 1
        sent = counts.tolist() if self.as_numbers else b64encode(counts.tobytes()).decode()
        usage = {"prompt_tokens": 7, "total_tokens": 7}
        data = [{"object": "embedding", "index": 0, "embedding": sent}]
        return JSONResponse({"model": body["model"], "data": data, "usage": usage})


@pytest.fixture
def server():
    counting = CountingServer()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = Starlette(routes=[Route("/v1/embeddings", counting.embed, methods=["POST"])])
        running = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="critical"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        counting.url = f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
        yield counting
        running.should_exit = True
        thread.join(20)


def frame(answers=ANSWERS, kind="how_to"):
    return pl.DataFrame(
        {"answer_id": list(answers), "answer": list(answers.values())}
    ).with_columns(area=pl.lit("qa"), kind=pl.lit(kind))


def asking(cfg, url, **settings):
    named = {"base_url": url, "model": "words-1", "api": "embeddings"} | settings
    llm = ModelSettings(endpoints={"words": EndpointSettings(**named)})
    return Run(cfg=cfg.model_copy(update={"llm": llm}))


def bought(cfg):
    query = "SELECT purpose, model, prompt_tokens, answer_tokens, cost_usd FROM llm_calls"
    return store.select(cfg.warehouse, query).rows()


@pytest.mark.parametrize("transport", ["openai", "aiohttp"])
@pytest.mark.parametrize("as_numbers", [False, True])
def test_what_says_the_same_in_other_words_lies_near(cfg, server, transport, as_numbers):
    server.as_numbers = as_numbers
    run = asking(cfg, server.url, transport=transport)
    found = embedded(frame(), "words", cfg.warehouse, run)
    (told,) = meaning(frame(), found).to_dicts()
    assert (told["compared"], told["one"], told["other"]) == (3, "a", "b")
    assert told["nearest"] == pytest.approx(1, abs=0.01)
    assert told["cosine"] < 0.8
    assert {body["input"] for body in server.bodies} == set(ANSWERS.values())


def test_a_vector_is_bought_once_and_its_price_known(cfg, server):
    for _ in range(2):
        run = asking(cfg, server.url, input_usd_per_mtok=1.0, output_usd_per_mtok=0.0)
        assert embedded(frame(), "words", cfg.warehouse, run).height == 3
    assert len(server.bodies) == 3
    assert bought(cfg) == [("embed", "words-1", 7, 0, pytest.approx(7e-6))] * 3


def test_an_answer_that_the_server_refuses_is_left_out(cfg, server):
    server.refused = {ANSWERS["c"]}
    found = embedded(frame(), "words", cfg.warehouse, asking(cfg, server.url))
    assert found["answer_id"].to_list() == ["a", "b"]


def test_long_answers_are_cut(cfg, server):
    embedded(frame({"a": "word " * 9_000}), "words", cfg.warehouse, asking(cfg, server.url))
    assert len(server.bodies[0]["input"]) == MOST_CHARS


def test_an_endpoint_that_chats_is_not_asked_for_vectors(cfg, server):
    run = asking(cfg, server.url, api="chat")
    with pytest.raises(ModelError, match=r"llm.endpoints.words.*api = \"embeddings\""):
        embedded(frame(), "words", cfg.warehouse, run)
    assert not server.bodies


def test_an_endpoint_for_vectors_is_no_strong_model():
    vectors = {"base_url": "http://127.0.0.1:9/v1", "model": "words-1", "api": "embeddings"}
    assert not ModelSettings(**vectors).is_set
    assert not ModelSettings(endpoints={"words": vectors}).endpoint("words").is_set


def test_task_types_with_one_answer_are_not_compared():
    vectors = pl.DataFrame({"answer_id": ["a"], "vector": [[1.0, 0.0]]})
    assert meaning(frame(), vectors).is_empty()


def test_the_sample_is_the_same_in_any_order():
    many = frame({f"a{n}": str(n) for n in range(2 * SAMPLE)})
    assert sample(many).height == SAMPLE
    assert sample(many).equals(sample(many.reverse()))


@pytest.mark.parametrize(
    "sent", ["", "not base64!", "QUJD", [], [0.0, 0.0], [[1.0], [2.0]], ["x"], None, [float("nan")]]
)
def test_what_is_no_vector_is_no_reply(sent):
    body = {"data": [{"embedding": sent}]}
    with pytest.raises(NotACompletion, match="no embedding"):
        parsed(str(body).replace("None", "null").replace("'", '"').encode())


def test_redaction_finds_nothing_in_a_vector():
    for seed in range(50):
        numbers = np.random.default_rng(seed).normal(size=384)
        body = {"data": [{"embedding": numbers.tolist()}]}
        text = parsed(json.dumps(body).encode())["choices"][0]["message"]["content"]
        assert Redactor(BUILT_IN).text(text) == text
        assert vector(text) @ (numbers / np.linalg.norm(numbers)) == pytest.approx(1, abs=1e-3)


def test_a_vector_comes_back_with_length_one():
    got = parsed(b'{"model": "m", "data": [{"embedding": [3.0, 4.0]}], "usage": null}')
    assert vector(got["choices"][0]["message"]["content"]) == pytest.approx([0.6, 0.8], abs=1e-3)
