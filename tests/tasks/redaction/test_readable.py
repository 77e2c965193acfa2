import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.redaction.readable import Readable, placeholders

ESCAPED = st.lists(
    st.sampled_from(
        ["\\u0040", "\\n", "\\\\n", "\\/", '\\"', "\\", "%40", "\u200b", "１", "a", "한"]
    )
).map("".join)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"wang\u0040qq.com", "wang@qq.com"),
        (r"wang\\u0040qq.com", "wang@qq.com"),  # JSON text inside JSON text
        (r"\nwang@qq.com", "\nwang@qq.com"),
        (r"https:\/\/a.io", "https://a.io"),
        (r"C:\dir", r"C:\dir"),
        ("wang%40qq.com", "wang@qq.com"),
        ("5% of 100%", "5% of 100%"),
        ("１３８，Ａ＠Ｂ", "138,A@B"),
        ("138\u00a00013\u20118000", "138 0013-8000"),
        ("138\u200b0013", "1380013"),
        (r"138\u200b0013", "1380013"),
        ("1\x003\x008\x00", "138"),  # UTF-32 read as bytes
        ("<EMAIL_1>!", "\ufffc" * 9 + "!"),
        ("<b>&<x_1>", "<b>&<x_1>"),
    ],
)
def test_text_is_what_a_reader_sees(written, read):
    assert Readable(written).text == read


def test_origin_takes_whole_escapes():
    readable = Readable(r"a \u0040\nb")
    assert readable.text == "a @\nb"
    assert readable.origin((2, 3)) == (2, 8)
    assert readable.origin((3, 4)) == (8, 10)
    assert readable.origin((4, 5)) == (10, 11)


@settings(deadline=None, derandomize=True)
@given(ESCAPED, ESCAPED, ESCAPED)
def test_origin_of_a_stretch_reads_as_that_stretch(before, middle, after):
    whole = f"{before}|{middle}|{after}"
    readable = Readable(whole)
    bars = [place for place, char in enumerate(readable.text) if char == "|"]
    start, end = readable.origin((bars[0], bars[1] + 1))
    assert whole[start:end].rstrip("\u200b") == f"|{middle}|"


def test_placeholders_are_seen_through_json_escapes():
    text = r"<EMAIL_2> and \u003cCN_ID_31\u003e, not <b_1> or EMAIL_7"
    assert placeholders(text) == {("EMAIL", 2), ("CN_ID", 31)}
