import json
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.sources.records import read_records
from tests.tasks.sources.reading import found, read

LOG = "log.json"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('[{"n": 1}, {"n": 2}, {"n":', [{"n": 1}, {"n": 2}, "truncated"]),
        ('[{"n": 1}, {"n": 2}', [{"n": 1}, {"n": 2}, "truncated"]),
        ('[{"n": 1}, {"n": 2},', [{"n": 1}, {"n": 2}, "truncated"]),
        ('[{"n": 1}, {"n": "a string that', [{"n": 1}, "truncated"]),
        ('[{"n": 1}, {"n": "ends in \\', [{"n": 1}, "truncated"]),
        ("[", ["truncated"]),
        ('{\n"n": {"m": 1', ["truncated"]),
    ],
)
def test_a_document_that_ends_early_gives_what_is_whole_and_one_record_for_the_rest(
    log, text, expected
):
    path = log(text.encode())
    records = read(path)
    assert found(records) == expected
    assert records[-1].torn
    assert {record.end for record in records} == {path.stat().st_size}
    assert [record.line for record in records] == list(range(1, len(records) + 1))


@pytest.mark.parametrize("broken", [b'{"n": }', b'{"n": 1,}', b'{"n" 1}', b'{"n": "\\x"}', b""])
def test_an_element_that_is_no_json_is_one_record_and_the_next_ones_are_read(log, broken):
    path = log(b'[{"n": 1}, ' + broken + b', {"n": 3}]')
    assert found(read(path)) == [{"n": 1}, "invalid_json", {"n": 3}]


@pytest.mark.parametrize(
    "text",
    [b'[{"n": 1}]]', b'[{"n": 1}] and [{"n": 2}]', b'[{"n": 1}], {"n": 2}', b'[{"n": 1}]"n"'],
)
def test_what_follows_wrong_brackets_is_one_record(log, text):
    assert found(read(log(text))) == [{"n": 1}, "invalid_json"]


def test_brackets_that_do_not_match_lose_nothing(log):
    assert found(read(log(b'[{"n": 1], {"n": 2}]'))) == ["invalid_json", {"n": 2}]
    assert found(read(log(b'[{"n": "x"y"}, {"n": 2}]'))) == ["truncated"]


@pytest.mark.parametrize("text", [b'["\xff"]', b'[{"n": "\xff"}]'])
def test_an_element_in_another_encoding_is_one_record(log, text):
    assert found(read(log(text + b"\n"))) == ["bad_encoding"]


def test_documents_one_after_the_other_are_read(log):
    text = b'{\n "n": 1\n}\n{\n "n": 2\n}\n[\n{"n": 3}]\n[]\n\xef\xbb\xbf[{"n": 4}]'
    assert found(read(log(text))) == [{"n": n} for n in (1, 2, 3, 4)]


def test_brackets_commas_and_quotes_in_strings_are_text(log):
    said = {"a": 'x"}],[{\\', "b\\": '\\"', "c": ["[", {"d": "}"}], "e": "\\\\"}
    for indent in (None, 2):
        records = read(log(json.dumps([said, said], indent=indent).encode()))
        assert found(records) == [said, said]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_backslash_at_the_end_of_a_piece_belongs_to_what_follows(log, at):
    padding = " " * ((1 << 16) - len('[{"n": "\\') - at)
    records = read(log(f'[{padding}{{"n": "\\\\\\"x"}}, {{"n": 2}}]'.encode()))
    assert found(records) == [{"n": '\\"x'}, {"n": 2}]


def test_an_oversize_element_is_hashed_and_passed(log):
    big = [json.dumps({"n": letter * 5_000}) for letter in "ab"]
    records = read(log(f'[{big[0]}, {{"n": 1}}, {big[1]}, {big[0]}]'.encode()), max_bytes=1_000)
    assert found(records) == ["oversize", {"n": 1}, "oversize", "oversize"]
    assert records[0].raw == records[3].raw != records[2].raw
    assert records[0].raw.startswith(b"sha256:")


def test_an_element_is_as_long_as_it_is_without_spacing(log):
    said = {"n": ["x"] * 200}
    text = json.dumps([said], indent=1).encode()
    assert found(read(log(text), max_bytes=len(json.dumps(said, separators=(",", ":"))))) == [said]


def test_neither_arrays_nor_elements_are_held_in_memory(log):
    big = '{"n": "' + "x" * 1_500_000 + '"}'
    items = ",".join([big, *['{"n": "an element"}'] * 10_000])
    path = log(f"[{items}]".encode())
    tracemalloc.start()
    count = sum(1 for _ in read_records(path, max_bytes=1_000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_001
    assert peak < 1_000_000


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_where_pieces_end_makes_no_difference(log, monkeypatch, piece):
    said = [{"a": 'x"}],[{\\', "b\\": ["\\\\", {"c": [[]]}]}, 1, "\\", [], {"d": "你"}]
    monkeypatch.setattr("tasks.sources.json_tokens._PIECE", piece)
    for indent, ascii_only in ((None, True), (1, False)):
        text = json.dumps(said, indent=indent, ensure_ascii=ascii_only).encode()
        objects = [said[0], *["not_an_object"] * 3, said[4]]
        assert found(read(log(text))) == objects
        assert found(read(log(text[:-1]))) == [*objects, "truncated"]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.lists(values, max_size=5), st.sampled_from([None, 0, 3]), st.floats(0, 1))
def test_any_array_gives_its_elements_and_any_part_of_it_those_before_the_cut(
    tmp_path_factory, items, indent, share
):
    path = tmp_path_factory.getbasetemp() / "any.json"
    text = json.dumps(items, indent=indent, ensure_ascii=False).encode("utf-8", "surrogatepass")
    path.write_bytes(text)
    whole = [record.raw for record in read(path)]
    assert len(whole) == len(items)
    path.write_bytes(text[: max(1, round(share * (len(text) - 1)))])
    *part, rest = read(path)
    objects = [(n, raw) for n, raw in enumerate(whole[: len(part)]) if raw.startswith(b"{")]
    assert rest.torn
    assert [(n, part[n].raw) for n, _ in objects] == objects
