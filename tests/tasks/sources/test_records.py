import gzip
import json
import tracemalloc
import zlib

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.conversation import Unreadable
from schemas.errors import SourceError
from tasks.sources.encodings import encoding_of
from tasks.sources.records import read_records

LIMIT = 10_000
LINES = b'{"n": 1}\n\n  \n{"n": 2}\r\n{"n": 3}\n'


@pytest.fixture
def log(tmp_path):
    def write(data, name="log.jsonl"):
        path = tmp_path / name
        path.write_bytes(pack(data, name))
        return path

    return write


def pack(data, name):
    if name.endswith(".gz"):
        return gzip.compress(data)
    if name.endswith(".zst"):
        sink = pa.BufferOutputStream()
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            stream.write(data)
        return sink.getvalue().to_pybytes()
    return data


def read(path, offset=0, max_bytes=LIMIT):
    return list(read_records(path, offset=offset, max_bytes=max_bytes))


def reasons(records):
    return [
        record.value.reason if isinstance(record.value, Unreadable) else None for record in records
    ]


def test_every_line_that_is_not_blank_is_a_record(log):
    records = read(log(LINES))
    assert [record.value for record in records] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert [record.line for record in records] == [1, 4, 5]
    assert [record.raw for record in records] == [b'{"n": 1}', b'{"n": 2}', b'{"n": 3}']


def test_end_is_the_byte_after_the_record(log):
    assert [record.end for record in read(log(LINES))] == [9, 23, 32]


def test_a_grown_file_is_read_on_with_the_right_line_numbers(log):
    path = log(LINES)
    end = read(path)[-1].end
    path.write_bytes(LINES + b'{"n": 4}\n')
    (record,) = read(path, offset=end)
    assert (record.value, record.line) == ({"n": 4}, 6)


def test_reading_on_from_any_record_gives_the_rest(log):
    path = log(LINES)
    records = read(path)
    for number, record in enumerate(records, 1):
        assert read(path, offset=record.end) == records[number:]


def test_a_last_line_without_newline_is_a_record_when_it_is_whole(log):
    path = log(b'{"n": 1}\n{"n": 2}')
    last = read(path)[-1]
    assert (last.value, last.end) == ({"n": 2}, 17)
    path.write_bytes(b'{"n": 1}\n{"n": 2}\n{"n": 3}\n')
    assert [(record.value, record.line) for record in read(path, offset=17)] == [({"n": 3}, 3)]


@pytest.mark.parametrize("torn", [b'{"n": 2', b'{"n": "\xe4\xbd', b"12", b'"te'])
def test_a_torn_last_line_is_counted_and_read_again_when_it_has_grown(log, torn):
    path = log(b'{"n": 1}\n' + torn)
    last = read(path)[-1]
    assert isinstance(last.value, Unreadable)
    assert "still be growing" in last.value.detail
    assert last.end == 9
    path.write_bytes(b'{"n": 1}\n{"n": 2}\n')
    assert [(record.value, record.line) for record in read(path, offset=9)] == [({"n": 2}, 2)]


def test_a_broken_line_with_a_newline_is_passed(log):
    path = log(b'{"n": \n{"n": 2}\n')
    assert reasons(read(path)) == ["invalid_json", None]
    assert read(path)[0].end == 7


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1,}', "invalid_json"),
        (b'{"a": "\\x"}', "invalid_json"),
        (b'{"a": "\x00"}', "invalid_json"),
        (b"[" * 100_000, "invalid_json"),
        (b'{"a":' * 200 + b"1" + b"}" * 200, "invalid_json"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "invalid_json"),
        (b'{"a": "\xff"}', "bad_encoding"),
        (b'"a bare string"', "not_an_object"),
        (b"12", "not_an_object"),
        (b"null", "not_an_object"),
        (b"[1]", "not_an_object"),
    ],
)
def test_a_line_that_is_no_object_has_its_reason(log, line, reason):
    records = read(log(line + b'\n{"n": 2}\n'), max_bytes=200_000)
    assert reasons(records) == [reason, None]


def test_the_detail_names_the_position_and_none_of_the_text(log):
    (record,) = read(log(b'{"secret": "hush" 1}\n'))
    assert "char 18" in record.value.detail
    assert "hush" not in record.value.detail


def test_an_unreadable_value_holds_no_traceback(log):
    (record,) = read(log(b'{"a": \n'))
    assert record.value.__traceback__ is None
    assert record.value.__context__ is None


def test_nan_duplicate_keys_nul_and_lone_surrogates_are_harmless(log):
    numbers = b'"a": NaN, "b": 1, "b": 2, "e": [1e999]'
    texts = b'"c": "x\\u0000y\\ud83d", "\\udc00": 1, "d": "\\ud83d\\ude00"'
    (record,) = read(log(b"{" + numbers + b", " + texts + b"}\n"))
    expected = {"a": None, "b": 2, "e": [None], "c": "x\ufffdy\ufffd", "\ufffd": 1, "d": "😀"}
    assert record.value == expected
    json.dumps(record.value, ensure_ascii=False, allow_nan=False).encode()


def test_a_utf8_byte_order_mark_is_accepted(log):
    joined = read(log(b'\xef\xbb\xbf{"n": 1}\n\xef\xbb\xbf{"n": 2}\n'))
    assert [record.value for record in joined] == [{"n": 1}, {"n": 2}]
    assert read(log(b'\xef\xbb\xbf{"n": 1}\n'))[0].value == {"n": 1}
    assert read(log(b'\xef\xbb\xbf[{"n": 1}]', "log.json"))[0].value == {"n": 1}


def test_an_oversize_line_is_counted_hashed_and_passed(log):
    big = b'{"n": "' + b"x" * 99 + b'"}'
    path = log(b'{"n": 1}\n' + big + b'\n{"n": 2}\n' + big + b"y\n")
    records = read(path, max_bytes=100)
    assert reasons(records) == [None, "oversize", None, "oversize"]
    assert records[2].line == 3
    assert records[1].value.detail == "109 bytes, more than max_record_bytes = 100"
    assert records[1].raw.startswith(b"sha256:")
    assert records[1].raw != records[3].raw
    assert records[-1].end == path.stat().st_size


def test_the_limit_itself_is_not_oversize(log):
    line = b'{"n": "' + b"x" * 91 + b'"}'
    assert len(line) == 100
    for newline in (b"\n", b"\r\n", b""):
        assert reasons(read(log(line + newline), max_bytes=100)) == [None]
    assert reasons(read(log(line + b"\n"), max_bytes=99)) == ["oversize"]
    assert reasons(read(log(line), max_bytes=99)) == ["oversize"]


def test_a_carriage_return_at_the_limit_does_not_split_a_line(log):
    path = log(b"x" * 100 + b"\r\r" + b"y" * 10 + b"\n")
    assert reasons(read(path, max_bytes=100)) == ["oversize"]


def test_neither_long_files_nor_long_lines_are_held_in_memory(log):
    path = log(b'{"n": "' + b"x" * 2_000_000 + b'"}\n' + b'{"n": "a line"}\n' * 20_000)
    tracemalloc.start()
    count = sum(1 for _ in read_records(path, max_bytes=1_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_001
    assert peak < 500_000


@pytest.mark.parametrize("name", ["log.jsonl.gz", "log.jsonl.zst", "log.ndjson.gz", "log.JSONL.GZ"])
def test_compressed_lines_are_read_whole_and_end_at_the_file_size(log, name):
    path = log(LINES, name.lower()).rename(log(LINES, name.lower()).with_name(name))
    records = read(path, offset=5)
    assert [record.value for record in records] == [{"n": 1}, {"n": 2}, {"n": 3}]
    assert {record.end for record in records} == {path.stat().st_size}


def test_gzip_members_one_after_the_other_are_all_read(log):
    path = log(gzip.compress(b'{"n": 1}\n') + gzip.compress(b'{"n": 2}\n'), "log.bin")
    assert len(read(path.rename(path.with_name("log.jsonl.gz")))) == 2


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_cut_off_compressed_data_is_one_record_after_those_that_could_be_read(log, ending):
    lines = b"".join(b'{"n": %d, "t": %d}\n' % (n, n * 7919**3 % 999_983) for n in range(50_000))
    path = log(lines, "log.jsonl" + ending)
    path.write_bytes(path.read_bytes()[:-20])
    records = read(path)
    assert len(records) > 40_000
    assert set(reasons(records[:-1])) == {None}
    assert reasons(records[-1:]) == ["truncated"]
    assert records[-1].line == len(records)


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_damaged_compressed_data_is_one_record_after_those_that_could_be_read(log, ending):
    lines = b"".join(b'{"n": %d, "t": %d}\n' % (n, n * 7919**3 % 999_983) for n in range(50_000))
    path = log(lines, "log.jsonl" + ending)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2] + b"X" * 99 + data[len(data) // 2 + 99 :])
    records = read(path)
    assert len(records) > 10_000
    assert reasons(records[-1:]) == ["bad_encoding"]
    assert records[-1].torn


def test_every_line_before_the_cut_of_a_gzip_file_is_kept(log):
    lines = b"".join(b'{"n": %d, "t": %d}\n' % (n, n * 7919**3 % 999_983) for n in range(9_000))
    path = log(lines, "log.jsonl.gz")
    path.write_bytes(path.read_bytes()[:-9_000])
    whole = zlib.decompressobj(wbits=31).decompress(path.read_bytes()).count(b"\n")
    assert len(read(path)) == whole + 1


@pytest.mark.parametrize("name", ["log.jsonl.gz", "log.jsonl.zst", "log.json.gz"])
def test_a_file_that_is_not_compressed_as_named_is_one_record(log, name):
    path = log(b"", "log.jsonl").rename(log(b"").with_name(name))
    path.write_bytes(b'{"n": 1}\n' * 100)
    assert reasons(read(path)) == ["bad_encoding"]


@pytest.mark.parametrize("name", ["log.json", "log.json.gz", "log.json.zst"])
def test_the_elements_of_an_array_are_records(log, name):
    path = log(b' [\n{"b": 1, "a": [2]},\n "text"]\n', name)
    records = read(path, offset=7)
    assert [record.line for record in records] == [1, 2]
    assert records[0].raw == b'{"a":[2],"b":1}'
    assert reasons(records) == [None, "not_an_object"]
    assert {record.end for record in records} == {path.stat().st_size}


def test_an_oversize_element_is_counted_and_passed(log):
    path = log(json.dumps([{"n": "x" * 200}, {"n": 1}]).encode(), "log.json")
    assert reasons(read(path, max_bytes=100)) == ["oversize", None]


def test_a_json_file_may_hold_one_object(log):
    assert read(log(b'{\n  "n": {"m": 1}\n}\n', "log.json"))[0].value == {"n": {"m": 1}}
    assert read(log(b'{"n": 1}', "log.json"))[0].value == {"n": 1}


def test_a_json_file_may_hold_lines_of_which_the_first_is_broken(log):
    path = log(b'{"n": \n{"n": 2}\n{"n": 3}\n', "log.json")
    assert reasons(read(path)) == ["invalid_json", None, None]
    assert read(path, offset=16)[0].value == {"n": 3}


def test_a_json_file_of_lines_may_still_be_at_its_first(log):
    assert read(log(b'{"n": 1', "log.json"))[0].end == 0
    assert read(log(b'{"n": 1}', "log.json"))[0].raw == b'{"n": 1}'


@pytest.mark.parametrize("name", ["log.jsonl", "log.json", "log.jsonl.gz", "log.json.zst"])
@pytest.mark.parametrize("text", [b"", b"\n", b" \n\n"])
def test_an_empty_file_has_no_records(log, name, text):
    assert read(log(text, name)) == []


def test_a_missing_file_is_a_source_error(tmp_path):
    for name in ("log.jsonl", "log.jsonl.gz"):
        with pytest.raises(SourceError, match=r"cannot read .*log\.jsonl"):
            read(tmp_path / name)


lines = st.one_of(
    st.binary(max_size=40),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2).map(
        lambda value: json.dumps(value).encode()
    ),
    st.sampled_from([b"{", b"[", b"\xef\xbb\xbf", b'{"a": "\\ud800"}', b" ", b"\r", b'"', b",,"]),
)
ENDINGS = ("jsonl", "json", "csv", "tsv", "parquet", "jsonl.gz", "json.zst", "csv.gz")


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(lines, max_size=6), st.sampled_from([b"\n", b"\r\n"]), st.booleans())
def test_any_bytes_give_one_record_for_each_line_that_is_not_blank(
    tmp_path_factory, lines, newline, is_torn
):
    data = newline.join(lines) + (b"" if is_torn else newline)
    assume(not encoding_of(data).startswith("utf-16"))
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(data)
    expected = [line.removeprefix(b"\xef\xbb\xbf").strip() for line in data.split(b"\n")]
    assert len(read(path)) == len(list(filter(None, expected)))


@settings(derandomize=True, deadline=None, max_examples=100)
@given(st.lists(lines, max_size=6).map(b"\n".join), st.sampled_from(ENDINGS), st.booleans())
def test_no_bytes_crash_and_none_that_say_something_go_unseen(
    tmp_path_factory, data, ending, is_packed
):
    path = tmp_path_factory.getbasetemp() / f"any.{ending}"
    path.write_bytes(pack(data, path.name) if is_packed else data)
    records = read(path)
    assert all(record.end <= path.stat().st_size for record in records)
    assert [record.line for record in records] == sorted({record.line for record in records})
    if ending not in ("csv", "tsv", "csv.gz") and not encoding_of(data).startswith("utf-16"):
        assert records or not data.replace(b"\xef\xbb\xbf", b"").strip(b" \t\r\n\x0b\x0c[]")
