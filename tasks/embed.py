"""Vectors of answers, bought like any other call: once, under the caps, with a row in the store."""

from pathlib import Path

import polars as pl

from schemas.errors import ModelError
from schemas.run import Run
from tasks.adapters import calls, vectors
from tasks.answering.ask import at_endpoint
from tasks.call_progress import progress_of_calls

MOST_CHARS = 2_000  # of an answer: models for embeddings read 512 tokens and up

VECTORS = pl.Schema([("answer_id", pl.String()), ("vector", pl.List(pl.Float32()))])


def embedded(answers: pl.DataFrame, endpoint: str, warehouse: Path, run: Run) -> pl.DataFrame:
    """Return `answer_id` and `vector`, of length 1, of the answers that the server took.

    Args:
        answers: `answer_id` and `answer`, of which the first MOST_CHARS characters are sent.
        endpoint: name of the `[llm.endpoints.NAME]` that is asked.

    Raises:
        ModelError: it is not one for embeddings.
        SettingsError: there is no such endpoint, or a cap in USD and no price.
    """
    there = at_endpoint(run, endpoint)
    if not there.cfg.llm.makes_vectors:
        raise ModelError(
            f"[llm.endpoints.{endpoint}] makes no embeddings: it wants base_url, model and "
            'api = "embeddings".'
        )
    texts = answers["answer"].str.head(MOST_CHARS)
    requests = (vectors.request(text) for text in texts)
    with progress_of_calls(f"embed at {endpoint}", answers.height) as watch:
        replies = calls.ask(warehouse, there, requests, watch)
        found = [
            (id_, vectors.vector(reply.text).tolist())
            for id_, reply in zip(answers["answer_id"], replies, strict=True)
            if reply.text
        ]
    return pl.DataFrame(found, VECTORS, orient="row")
