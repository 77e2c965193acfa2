"""What a Postgres server holds becomes JSON, in UTC, row by row, and is never changed."""

import tracemalloc
from datetime import date

import pytest
import sqlalchemy as sa

from schemas.errors import SourceError
from schemas.settings import SourceSettings
from tasks.sources.sql import sql

MONDAY = date(2026, 3, 2)


@pytest.fixture
def rows(postgres, monkeypatch):
    """The records that a query gives for Monday."""
    monkeypatch.setenv("DATABASE", postgres.render_as_string(hide_password=False))

    def ask(query):
        (window,) = sql(SourceSettings(kind="sql", url_env="DATABASE", query=query), [MONDAY])
        return [record.value for record in window.records(10_000)]

    return ask


def test_values_of_every_type_become_json(rows):
    values = {
        "number": ("1.50::numeric", 1.5),
        "nested": ("""'{"a": [1, {"b": null}]}'::jsonb""", {"a": [1, {"b": None}]}),
        "plain": ("""'["x"]'::json""", ["x"]),
        "many": ("ARRAY['a', NULL]::text[]", ["a", None]),
        "uuid": ("'0189c5b4-0000-7000-8000-000000000000'::uuid",) * 2,
        "raw": (r"'\xff00'::bytea", "/wA="),
        "zoned": ("'2026-03-02 10:00:00+09'::timestamptz", "2026-03-02T01:00:00+00:00"),
        "naive": ("'2026-03-02 10:00:00'::timestamp", "2026-03-02T10:00:00+00:00"),
        "day": ("'2026-03-02'::date", "2026-03-02"),
        "took": ("interval '90 seconds'", 90.0),
        "nan": ("'NaN'::float8", None),
        "sure": ("true", True),
        "none": ("NULL", None),
    }
    values["uuid"] = (values["uuid"][0], "0189c5b4-0000-7000-8000-000000000000")
    columns = ", ".join(f"{sql} AS {name}" for name, (sql, _) in values.items())
    assert rows(f"SELECT {columns}") == [{name: value for name, (_, value) in values.items()}]


def test_columns_of_the_same_name_are_kept_apart(rows):
    assert rows("SELECT 1 AS id, 2 AS id, 3") == [{"id": 1, "id_2": 2, "?column?": 3}]


@pytest.mark.parametrize("kind", ["timestamptz", "timestamp", "date"])
def test_times_with_and_without_a_zone_are_those_of_utc(rows, kind):
    times = "('2026-03-01 23:59:59+00'), ('2026-03-02 00:00:00+00'), ('2026-03-03 00:00:00+00')"
    query = f"SELECT at FROM (SELECT column1::{kind} AS at FROM (VALUES {times}) AS t) AS u "
    (record,) = rows(query + "WHERE at >= :day_start AND at < :day_end")
    assert record["at"].startswith("2026-03-02")


def test_epochs_and_casts_may_stand_in_the_query(rows):
    query = (
        "SELECT extract(epoch FROM :day_start)::int AS a, extract(epoch FROM :day_end)::int AS b"
    )
    assert rows(query) == [{"a": 1772409600, "b": 1772496000}]
    assert rows(r"SELECT '\:x' AS a, '12:30' AS b, :day_start < :day_end AS c") == [
        {"a": ":x", "b": "12:30", "c": True}
    ]


def test_what_is_bound_is_never_read_as_sql(rows):
    assert rows("SELECT CAST(:day_start AS text) AS a, CAST(:day_end AS text) AS b") == [
        {"a": "2026-03-02 00:00:00+00", "b": "2026-03-03 00:00:00+00"}
    ]


@pytest.mark.parametrize(
    "query",
    ["SELECT nextval('turns')", "WITH x AS (DELETE FROM notes RETURNING 1) SELECT 1 FROM x"],
)
def test_nothing_can_be_written(rows, postgres, query):
    with sa.create_engine(postgres, poolclass=sa.pool.NullPool).begin() as connection:
        connection.execute(sa.text("CREATE SEQUENCE IF NOT EXISTS turns"))
        connection.execute(sa.text("CREATE TABLE IF NOT EXISTS notes (id INT)"))
    with pytest.raises(SourceError, match=r"read-only transaction|data-modifying"):
        rows(query)


@pytest.mark.slow
def test_many_rows_are_not_held_in_memory(postgres, monkeypatch):
    monkeypatch.setenv("DATABASE", postgres.render_as_string(hide_password=False))
    query = "SELECT n, repeat('x', 2000) AS text FROM generate_series(1, 20000) AS n"
    (window,) = sql(SourceSettings(kind="sql", url_env="DATABASE", query=query))
    assert window.stat().st_size == 20_000
    tracemalloc.start()
    count = sum(1 for _ in window.records(10_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 8_000_000


def test_wrong_password_and_values_of_the_table_are_not_repeated(rows, postgres, monkeypatch):
    with pytest.raises(SourceError, match=r'syntax for type integer: "\.\.\."'):
        rows("SELECT CAST(t AS INT) FROM (VALUES ('my secret')) AS v(t)")
    wrong = postgres.set(password="hunter2")
    monkeypatch.setenv("DATABASE", wrong.render_as_string(hide_password=False))
    with pytest.raises(SourceError, match="password authentication failed") as error:
        rows("SELECT 1")
    assert "hunter2" not in str(error.value)
    assert "\n" not in str(error.value)
