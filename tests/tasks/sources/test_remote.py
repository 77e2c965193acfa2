"""Files that are not here are listed and read like those that are; what fails is one line."""

import gzip
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from schemas.errors import SourceError, Vanished
from schemas.settings import SourceSettings
from tasks.sources.addresses import from_environment, without_secrets
from tasks.sources.files import files
from tasks.sources.records import read_records
from tasks.sources.remote_file import RemoteFile

LINES = b'{"n": 1}\n{"n": 2}\n'


@pytest.fixture
def memory():
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    fs.pipe({f"/logs/{name}": LINES for name in ("b.jsonl", "a/c.ndjson", ".hid/d.jsonl", "e.txt")})
    fs.pipe("/logs/f.jsonl.gz", gzip.compress(LINES))
    return fs


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def web(tmp_path):
    """A folder, and the address at which a server that knows no ranges serves it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def found(path):
    return files(SourceSettings(path=path))


def values(file):
    return [record.value for record in read_records(file, max_bytes=1_000)]


def test_a_folder_a_glob_and_a_file_are_listed_in_order_without_hidden_files(memory):
    everything = [
        "memory:///logs/a/c.ndjson",
        "memory:///logs/b.jsonl",
        "memory:///logs/f.jsonl.gz",
    ]
    assert list(map(str, found("memory://logs"))) == everything
    assert list(map(str, found("memory://logs/**/*.jsonl*"))) == everything[1:]
    assert list(map(str, found("memory://logs/b.jsonl"))) == everything[1:2]


@pytest.fixture(scope="module")
def s3():
    """A bucket on an S3 server on loopback."""
    if not (find_spec("s3fs") and find_spec("moto")):
        pytest.skip("not run: no s3fs or no moto")
    with pytest.MonkeyPatch.context() as patched, socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        sock.close()
        patched.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        patched.setenv("AWS_ACCESS_KEY_ID", "key")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "hush")
        command = (sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port))
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        yield bucket(port, process)
        process.terminate()
        process.wait()


def bucket(port, process):
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            break
        assert process.poll() is None
        time.sleep(0.1)
    fs = fsspec.filesystem("s3")
    fs.mkdir("s3://bucket")
    return fs


def test_s3_is_listed_once_and_read(s3):
    rows = b"".join(b'{"n": %d}\n' % n for n in range(20_000))
    s3.pipe({"bucket/logs/a.jsonl": rows, "bucket/logs/deep/b.jsonl.gz": gzip.compress(rows)})
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"n": range(20_000)}), sink)
    s3.pipe({"bucket/logs/c.parquet": sink.getvalue().to_pybytes(), "bucket/.x/d.json": b"{}"})
    for path in ("s3://bucket/logs", "s3://bucket/**/*.*", "s3://bucket"):
        listed = found(path)
        names = ["logs/a.jsonl", "logs/c.parquet", "logs/deep/b.jsonl.gz"]
        assert list(map(str, listed)) == [f"s3://bucket/{name}" for name in names]
    for file in listed:
        assert [value["n"] for value in values(file)] == list(range(20_000))
    before = listed[0].stat()
    s3.pipe("bucket/logs/a.jsonl", rows.replace(b"1", b"2"))
    after = found("s3://bucket/logs")[0].stat()
    assert (after.st_size, after.st_mtime_ns == before.st_mtime_ns) == (before.st_size, False)
    with pytest.raises(SourceError, match=r"^cannot read s3://other/a: .*\.$|no file matches"):
        found("s3://other/a")


def test_plain_and_compressed_files_are_read_and_read_on(memory):
    for file in found("memory://logs"):
        assert values(file) == [{"n": 1}, {"n": 2}]
    (file,) = found("memory://logs/b.jsonl")
    (record,) = read_records(file, offset=9, max_bytes=1_000)
    assert (record.line, record.value, record.end) == (2, {"n": 2}, 18)


def test_another_version_of_a_file_is_known_by_its_size_or_stamp(memory):
    before = found("memory://logs/b.jsonl")[0].stat()
    assert found("memory://logs/b.jsonl")[0].stat() == before
    memory.pipe("/logs/b.jsonl", LINES)
    assert found("memory://logs/b.jsonl")[0].stat() != before


def test_a_web_server_without_ranges_is_read_from_start_to_end(web):
    folder, address = web
    (folder / "logs").mkdir()
    (folder / "logs" / "a.jsonl").write_bytes(LINES * 20_000)
    (folder / "logs" / "b.csv.gz").write_bytes(gzip.compress(b"n\n1\n2\n"))
    one, other = found(f"{address}/logs/")
    assert len(values(one)) == 40_000
    assert values(other) == [{"n": "1"}, {"n": "2"}]
    assert one.stat().st_size == len(LINES) * 20_000
    assert str(found(f"{address}/logs/a.jsonl")[0]) == f"{address}/logs/a.jsonl"


def test_parquet_is_read_where_a_server_knows_ranges(memory, web):
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"n": [1, 2]}), sink)
    memory.pipe("/logs/g.parquet", sink.getvalue().to_pybytes())
    (file,) = found("memory://logs/g.parquet")
    assert values(file) == [{"n": 1}, {"n": 2}]


def test_a_file_that_is_gone_by_now_says_so(memory):
    file = found("memory://logs/b.jsonl")[0]
    memory.rm("/logs/b.jsonl")
    with pytest.raises(Vanished, match=r"cannot read memory:///logs/b\.jsonl: it is gone"):
        values(file)


def test_what_breaks_off_while_it_is_read_is_one_line():
    def broken(_size):
        raise RuntimeError("the\nnetwork")

    opened = type("Opened", (), {"read": staticmethod(broken), "close": lambda self: None})
    file = RemoteFile("s3://bucket/a.jsonl", found_stat(), opened)
    with pytest.raises(SourceError, match=r"^cannot read .*/a\.jsonl: the network\. Check"):
        values(file)


def found_stat():
    return type("Stat", (), {"st_size": 1, "st_mtime_ns": 1})()


@pytest.mark.parametrize(
    ("path", "driver", "said"),
    [
        ("s3://bucket/logs", "s3fs", r"pip install 'sft-flywheel\[s3\]'"),
        ("gs://bucket/logs", "gcsfs", r"pip install 'sft-flywheel\[gcs\]'"),
        ("abfs://bucket/logs", "adlfs", r"pip install 'sft-flywheel\[azure\]'"),
        ("sftp://host/logs", "paramiko", "no driver for sftp://"),
        ("nothing://host/logs", "nothing", "Protocol not known: nothing"),
    ],
)
def test_a_missing_driver_is_one_line_that_says_what_to_install(monkeypatch, path, driver, said):
    monkeypatch.setitem(sys.modules, driver, None)
    monkeypatch.delitem(
        sys.modules["fsspec.registry"]._registry, path.partition(":")[0], raising=False
    )
    with pytest.raises(SourceError, match=rf"^cannot read .*{said}.*$"):
        found(path)


def test_nothing_there_is_an_error_without_secrets(memory, web, monkeypatch):
    _, address = web
    with pytest.raises(SourceError, match="no file matches 'memory://logs/none'"):
        found("memory://logs/none")
    monkeypatch.setenv("PW", "hunter2")
    place = address.replace("//", "//me:${PW}@") + "/none.jsonl?sig=hunter2"
    with pytest.raises(SourceError) as error:
        found(place)
    assert "hunter2" not in str(error.value)
    assert f"{address}/none.jsonl" in str(error.value)


def test_secrets_come_from_the_environment_and_are_not_shown():
    environ = {"USER": "me", "PW": "p@ss/w%", "HOST": "host:5432"}
    address = from_environment("https://${USER}:${PW}@${HOST}/a?b=${USER}", environ)
    assert address == "https://me:p%40ss%2Fw%25@host:5432/a?b=me"
    assert without_secrets(f"at {address}.") == "at https://host:5432/a"
    assert without_secrets("s3://bucket/a?[0-9].jsonl") == "s3://bucket/a?[0-9].jsonl"
    with pytest.raises(SourceError, match="variable PW is not set"):
        from_environment("https://x:${PW}@host/a", {})


def test_addresses_that_differ_in_their_query_are_two_files():
    one, other = (RemoteFile(f"https://host/get?id={n}", found_stat(), None) for n in (1, 2))
    assert str(one) != str(other)
    assert str(one).startswith("https://host/get~")
