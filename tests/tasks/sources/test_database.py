"""A database that cannot be asked is an error of one line that says what to do."""

import sqlite3
import sys

import pytest

from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources.sql import sql

SECRET = "s3/cr@et:"


@pytest.fixture
def app(tmp_path):
    path = tmp_path / "app.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE logs (id INT, at TEXT)")
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


def read(url="", query="SELECT 1", url_env=""):
    source = SourceSettings(name="app", kind="sql", url=url, url_env=url_env, query=query)
    return [record.value for window in sql(source) for record in window.records(1_000)]


def problem(**settings):
    with pytest.raises(SourceError, match=r"^[^\n]+\.$") as error:
        read(**settings)
    assert SECRET not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql://me:${PW}@127.0.0.1:1/db", "cannot connect to 127.0.0.1:1/db"),
        ("mysql://me:${PW}@127.0.0.1:1/db", "cannot connect to 127.0.0.1:1/db"),
        ("nothing", "no address as postgresql://"),
        ("postgresql://me:${PW}@host:port/db", "no address as postgresql://"),
        ("foo://host/db", "unknown database 'foo'"),
        ("sqlite:////no/such/file.db", "no SQLite file '/no/such/file.db'"),
        ("postgresql://${NOT_SET}@host/db", "variable NOT_SET is not set"),
    ],
)
def test_an_address_that_leads_nowhere(monkeypatch, url, said):
    monkeypatch.setenv("PW", SECRET)
    assert said in problem(url=url)


def test_an_address_from_the_environment(monkeypatch, app):
    assert "variable DATABASE is not set" in problem(url_env="DATABASE")
    monkeypatch.setenv("DATABASE", f"postgresql://me:{SECRET}@host/db")
    assert "special characters as %40" in problem(url_env="DATABASE")
    monkeypatch.setenv("DATABASE", app)
    assert read(url_env="DATABASE", query="SELECT 1 AS n") == [{"n": 1}]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELEC 1", "syntax error"),
        ("SELECT * FROM absent", "no such table: absent"),
        ("DELETE FROM logs", "readonly database"),
        ("SELECT 1; DELETE FROM logs", "one statement at a time"),
        ("SELECT :id", "asks for :id; wanted :day_start and :day_end"),
        ("SELECT * FROM logs WHERE at >= :day_start", "asks for :day_start; wanted"),
    ],
)
def test_a_query_that_cannot_be_asked(app, query, said):
    assert said in problem(url=app, query=query)


@pytest.mark.parametrize(
    ("driver", "url", "extra"),
    [("psycopg", "postgres://host/db", "postgres"), ("pymysql", "mysql://host/db", "mysql")],
)
def test_a_missing_driver_names_the_extra_to_install(monkeypatch, driver, url, extra):
    monkeypatch.setitem(sys.modules, driver, None)
    assert f"pip install 'sft-flywheel[{extra}]'" in problem(url=url)
