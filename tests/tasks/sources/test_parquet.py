import math
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.sources.values import json_value
from tests.tasks.sources.reading import found, read

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def log(tmp_path):
    def write(columns, **options):
        path = tmp_path / "log.parquet"
        pq.write_table(
            columns if isinstance(columns, pa.Table) else pa.table(columns), path, **options
        )
        return path

    return write


def test_rows_are_records_with_their_number(log):
    path = log({"id": list(range(600)), "text": ["Hello\x00"] * 600})
    records = read(path)
    assert found(records[:1]) == [{"id": 0, "text": "Hello\ufffd"}]
    assert [record.line for record in records] == list(range(1, 601))
    assert {record.end for record in records} == {path.stat().st_size}
    assert records[0].raw == b'{"id":0,"text":"Hello\xef\xbf\xbd"}'


def test_nested_values_times_and_numbers_become_json(log):
    message = pa.struct([("role", pa.string()), ("at", pa.timestamp("ns", "Asia/Seoul"))])
    columns = {
        "messages": pa.array([[{"role": "user", "at": NOON}]], pa.list_(message)),
        "naive": pa.array([NOON.replace(tzinfo=None)], pa.timestamp("ns")),
        "day": pa.array([NOON.date()]),
        "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
        "blob": pa.array([b"\xff\x00"]),
        "nan": pa.array([math.nan]),
        "price": pa.array([Decimal("1.50")]),
        "word": pa.array(["x"]).dictionary_encode(),
        "took": pa.array([timedelta(seconds=1.5)], pa.duration("ns")),
        "none": pa.array([None], pa.string()),
    }
    assert found(read(log(columns))) == [
        {
            "messages": [{"role": "user", "at": "2026-03-02T12:00:00+00:00"}],
            "naive": "2026-03-02T12:00:00+00:00",
            "day": "2026-03-02",
            "map": {"k": 1},
            "blob": "/wA=",
            "nan": None,
            "price": 1.5,
            "word": "x",
            "took": 1.5,
            "none": None,
        }
    ]


def test_columns_of_the_same_name_are_kept_apart(log):
    table = pa.table([pa.array([1]), pa.array([2])], names=["a", "a"])
    assert found(read(log(table))) == [{"a": 1, "a_2": 2}]


def test_text_that_is_not_utf8_is_one_record(log):
    raw = pa.array([b"a", b"\xff", b"c"]).cast(pa.string(), safe=False)
    records = read(log({"n": [1, 2, 3], "t": pa.StringArray.from_buffers(3, *raw.buffers()[1:])}))
    assert found(records) == [{"n": 1, "t": "a"}, "bad_encoding", {"n": 3, "t": "c"}]
    assert [record.line for record in records] == [1, 2, 3]


def test_an_oversize_row_is_counted_and_passed(log):
    assert found(read(log({"t": ["x" * 200, "y"]}), max_bytes=100)) == ["oversize", {"t": "y"}]


def test_a_file_that_was_cut_off_is_one_record(log):
    path = log({"n": list(range(1_000))})
    path.write_bytes(path.read_bytes()[:-50])
    assert found(read(path)) == ["truncated"]
    path.write_bytes(b"no table at all")
    assert found(read(path)) == ["bad_encoding"]
    path.write_bytes(b"")
    assert read(path) == []


def test_a_damaged_file_gives_the_rows_before_the_damage(log):
    path = log(
        {"n": list(range(9_000)), "t": [str(n * 7919**3) for n in range(9_000)]},
        row_group_size=1_000,
    )
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"X" * 5_000 + data[len(data) // 2 + 5_000 :])
    records = read(path)
    assert 1_000 < len(records) < 9_000
    assert found(records[-1:]) == ["bad_encoding"]
    assert records[-1].line == len(records)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Decimal("3"), 3),
        (Decimal("0.1234567890123456789"), "0.1234567890123456789"),
        (Decimal("NaN"), None),
        (math.inf, None),
        (time(12, 30), "12:30:00"),
        (date(2026, 3, 2), "2026-03-02"),
        (timedelta(minutes=1), 60.0),
        (timedelta(0), 0.0),
        (b"text", "text"),
        (memoryview(b"text"), "text"),
        ((1, {2: b"x"}), [1, {"2": "x"}]),
        (10**30, 10**30),
    ],
)
def test_what_json_cannot_say_is_said_as_near_as_possible(value, expected):
    assert json_value(value) == expected
