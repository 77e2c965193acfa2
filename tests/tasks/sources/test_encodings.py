import json

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from schemas.conversation import Unreadable
from tasks.sources.encodings import decode, encoding_of
from tests.tasks.sources.reading import read

CHINESE = (
    "你好，请问今天的天气怎么样？",
    "我想知道如何学习一门新的语言。",
    "谢谢你的回答，非常有帮助！",
)
OTHERS = (
    "Hello",
    "Привет, как дела?",
    "안녕하세요, 오늘 날씨 어때요?",
    "café crème brûlée",
    "🚀",
    "こんにちは",
)
UTF_16 = ("utf-16", "utf-16-le", "utf-16-be")


def lines(*texts):
    return "".join(json.dumps({"t": text}, ensure_ascii=False) + "\n" for text in texts)


def texts(records):
    return [r.value.reason if isinstance(r.value, Unreadable) else r.value["t"] for r in records]


def places(records):
    return [(record.line, record.raw, record.end) for record in records]


@pytest.mark.parametrize("encoding", ["utf-8-sig", *UTF_16, "gb18030"])
@pytest.mark.parametrize("name", ["log.jsonl", "log.json", "log.csv"])
def test_a_file_is_read_in_its_encoding(log, encoding, name):
    said = {
        "log.jsonl": lines(*CHINESE),
        "log.json": json.dumps([{"t": text} for text in CHINESE], ensure_ascii=False),
        "log.csv": "t\n" + "".join(f"{text}\n" for text in CHINESE),
    }
    records = read(log(said[name].encode(encoding), name))
    assert texts(records) == list(CHINESE)
    plain = read(log(said[name].encode(), name))
    assert [record.raw for record in records] == [record.raw for record in plain]


@pytest.mark.parametrize("encoding", [*UTF_16, "gb18030"])
def test_reading_on_from_any_record_gives_the_rest(log, encoding):
    path = log(lines("Hello", *CHINESE, "a" * 20_000, "Bye").encode(encoding))
    records = read(path)
    assert len(records) == 6
    assert records[-1].end == path.stat().st_size
    for number, record in enumerate(records, 1):
        assert places(read(path, record.end)) == places(records[number:])


@pytest.mark.parametrize("encoding", UTF_16)
def test_line_feeds_within_other_characters_do_not_split_lines(log, encoding):
    said = ("\u0a0a\u0a00", "\u0d0a\u000b", "ਊ ਊ")
    assert texts(read(log(lines("Hello", *said).encode(encoding)))) == ["Hello", *said]


def test_a_utf16_line_that_is_still_being_written_is_held(log):
    whole = lines("Hello", "Bye").encode("utf-16")
    for cut in (len(whole) - 7, len(whole) - 8):
        records = read(log(whole[:cut]))
        assert texts(records) == ["Hello", "truncated"]
        assert read(log(whole), records[-1].end)[0].value == {"t": "Bye"}


def test_a_broken_line_of_a_utf8_file_stays_one_broken_line(log):
    good = lines(*CHINESE).encode()
    for broken in (
        b'{"t": "\xff\xfe"}',
        '{"t": "你好'.encode()[:-1] + b'"}',
        b'{"t": "caf\xe9 ol\xe9"}',
    ):
        records = read(log(good + broken + b"\n" + good))
        assert texts(records) == [*CHINESE, "bad_encoding", *CHINESE]


def test_lines_in_gb18030_are_read_wherever_they_begin(log):
    ahead = lines(*["Hello"] * 10_000).encode()
    records = read(log(ahead + lines(*CHINESE).encode("gb18030")))
    assert texts(records[-3:]) == list(CHINESE)


@pytest.mark.parametrize("text", [*CHINESE, *OTHERS])
def test_utf8_is_never_taken_for_anything_else(text):
    for head in (text, text[:1], text * 100, "abc " + text):
        assert encoding_of(head.encode()) == "utf-8"
        assert decode(head.encode(), "utf-8") == head
    assert decode(text.encode(), "gb18030") == text


@pytest.mark.parametrize("text", ["café crème brûlée", "Müller fährt über Köln", "señor niño"])
def test_latin_1_is_not_taken_for_chinese(text):
    with pytest.raises(Unreadable, match="bad_encoding"):
        decode(text.encode("latin-1"), "utf-8")


def test_nuls_that_a_crash_left_in_a_log_do_not_make_it_utf16(log):
    records = read(log(lines("Hello").encode() + b"\x00" * 3_000 + b"\n" + lines("Bye").encode()))
    assert texts(records) == ["Hello", "invalid_json", "Bye"]


@settings(derandomize=True, deadline=None, max_examples=80)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=8), st.sampled_from(["utf-8", *UTF_16]))
def test_any_text_survives_utf8_and_utf16(tmp_path_factory, said, encoding):
    assume(not any(ord(c) in range(0xD800, 0xE000) or c == "\x00" for text in said for c in text))
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes(lines(*said).encode(encoding))
    assert texts(read(path)) == said
