import csv
import gzip
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.conversation import Unreadable
from tasks.sources.records import read_records
from tasks.sources.tables import unique_names
from tests.tasks.sources.reading import found, read

LOG = "log.csv"


def test_rows_are_named_by_the_header_and_known_by_the_line_they_begin_on(log):
    path = log('id,text\n1,"Hello,\n""you"""\n\n2,Bye\n')
    records = read(path)
    assert found(records) == [{"id": "1", "text": 'Hello,\n"you"'}, {"id": "2", "text": "Bye"}]
    assert [record.line for record in records] == [2, 5]
    assert {record.end for record in records} == {path.stat().st_size}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_and_any_newline_are_accepted(log, newline):
    records = read(log(newline.join(["\ufeffid,text", "1,Hello", "2,Bye"])))
    assert found(records) == [{"id": "1", "text": "Hello"}, {"id": "2", "text": "Bye"}]
    assert [record.line for record in records] == [2, 3]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_the_rows_agree_on(log, delimiter):
    rows = [["id", "said, at"], ["1", "a; b; c"], ["2", "x | y, z"], ["3", "p\tq"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    assert [list(r.value.values()) for r in read(log(text.getvalue()))] == rows[1:]


def test_a_table_of_one_column_has_no_delimiter(log):
    assert found(read(log("prompt\nHello; you\nBye\n"))) == [
        {"prompt": "Hello; you"},
        {"prompt": "Bye"},
    ]


def test_a_tsv_file_has_tabs(log):
    records = read(log("id\ttext, said\n1\tHello, you\n", "log.tsv"))
    assert found(records) == [{"id": "1", "text, said": "Hello, you"}]


def test_a_row_with_more_or_fewer_fields_is_unreadable_and_loses_no_other(log):
    records = read(log("a,b\n1,2\n3\n4,5,6\n7,8,,\n,,,\n9,\n"))
    assert found(records) == [
        {"a": "1", "b": "2"},
        "not_an_object",
        "not_an_object",
        {"a": "7", "b": "8"},
        {"a": "9", "b": ""},
    ]
    assert records[1].value.detail == "1 fields, the header has 2"
    assert records[2].raw == b"4,5,6"


def test_columns_without_a_name_or_with_the_same_are_kept_apart():
    assert unique_names(["a", "", "a", " a ", "a_2", ""]) == [
        "a",
        "column_2",
        "a_2",
        "a_3",
        "a_2_2",
        "column_6",
    ]


def test_wrong_quotes_break_one_line(log):
    records = read(log('a,b\n1,"x" y\n2,"z\n3,4\n5,"w"v\n6,7\n'))
    assert found(records) == [
        "not_an_object",
        "not_an_object",
        {"a": "3", "b": "4"},
        "not_an_object",
        {"a": "6", "b": "7"},
    ]
    assert [record.line for record in records] == [2, 3, 4, 5, 6]


def test_a_quote_that_is_never_closed_is_one_record_for_the_rest(log):
    records = read(log('a,b\n1,2\n3,"Hello\n4,5\n'))
    assert found(records) == [{"a": "1", "b": "2"}, "truncated"]
    assert records[-1].torn


def test_a_row_that_is_too_long_is_hashed_and_passed(log):
    long = '"' + "x\ny" * 400 + '"'
    rows = ["a,b", "1,2", f"{long},3", "4,5", "z" * 1_500 + ",6", f"7,{long}", "8,9"]
    records = read(log("\n".join(rows)), max_bytes=1_000)
    assert [r["a"] if isinstance(r, dict) else r for r in found(records)] == [
        "1",
        "oversize",
        "4",
        "oversize",
        "oversize",
        "8",
    ]
    assert [record.line for record in records] == [2, 3, 404, 405, 406, 807]


def test_a_row_in_another_encoding_is_one_record(log):
    rows = [b"a,b", b"1,\xff\xfe", "2,你好，请问".encode("gb18030"), "3,é".encode()]
    assert found(read(log(b"\n".join(rows)))) == [
        "bad_encoding",
        {"a": "2", "b": "你好，请问"},
        {"a": "3", "b": "é"},
    ]


def test_a_header_that_cannot_be_read_is_one_record_for_the_file(log):
    (record,) = read(log(b'"a"x,b\n1,2\n3,4\n'))
    assert (record.value.reason, record.torn) == ("not_an_object", True)
    assert found(read(log(b"\xff,b\n1,2\n"))) == ["bad_encoding"]
    assert found(read(log("a,b\n"))) == found(read(log(""))) == []


def test_a_cut_off_gzip_table_gives_the_rows_before(log):
    rows = "a,b\n" + "".join(f"{n},{n * 7919**3 % 999_983}\n" for n in range(20_000))
    packed = gzip.compress(rows.encode())
    records = read(log(packed[: len(packed) // 2], "log.csv.gz"))
    assert len(records) > 8_000
    assert [r.line for r in records if isinstance(r.value, Unreadable)] == [len(records) + 1]
    assert found(records[-1:]) == ["truncated"]


@pytest.mark.slow
def test_neither_long_tables_nor_long_rows_are_held_in_memory(log):
    path = log("a,b\n" + '1,"' + "x\n" * 600_000 + '"\n' + "2,Hello\n" * 8_000)
    tracemalloc.start()
    count = sum(1 for _ in read_records(path, max_bytes=1_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 8_001
    assert peak < 1_000_000


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=9)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.lists(st.tuples(cells, cells.filter(str.strip)), max_size=6))
def test_what_the_csv_module_writes_is_read(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("a", "b"), *rows])
    assert found(read(path)) == [{"a": a, "b": b} for a, b in rows]
