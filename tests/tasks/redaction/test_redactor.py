import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.redaction.redact import Redactor, redact_raw
from tasks.redaction.rules import Rules

VALUES = {
    "wang@qq.com": "EMAIL",
    "13800138000": "PHONE",
    "sk-abcdefghij1234567890ABCDEFGHIJ": "SECRET",
    "4111 1111 1111 1111": "CARD",
    "8.8.4.4": "IP",
    "11010519491231002X": "CN_ID",
    "900101-1234567": "KR_RRN",
    "536-90-4399": "SSN",
    "DE89370400440532013000": "IBAN",
}
SCRAPS = (
    *VALUES, "１３８００１３８０００", "+44 20 7946 0958", "x@y.io", "hunter22",
    "password: ", "phone", "订单号", "비밀번호는 ", "https://u:", "-----BEGIN PRIVATE KEY-----",
    "<EMAIL_1>", "<PHONE_31>", "\\n", "\\u0040", "%40", "\u200b", "\ud800",
    *" ,\n\"\\{}:=-@10a",
)  # fmt: skip
SCRAPPY = st.lists(st.sampled_from(SCRAPS) | st.text(max_size=2), max_size=12).map("".join)
TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | SCRAPPY
    | st.just(13800138000) | st.just(13800138000.0),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(SCRAPPY, inner, max_size=3)
    | inner.map(json.dumps),
    max_leaves=8,
)  # fmt: skip


def check(max_examples=150):
    return settings(max_examples=max_examples, deadline=None, derandomize=True)


def test_same_value_has_the_same_number_and_kinds_count_apart():
    own = Redactor()
    assert own.text("a@x.com b@x.com A@X.com 8.8.4.4") == "<EMAIL_1> <EMAIL_2> <EMAIL_1> <IP_1>"
    assert own.text("b@x.com, 138-0013-8000") == "<EMAIL_2>, <PHONE_1>"
    assert own.text("１３８００１３８０００") == "<PHONE_1>"
    assert own.counts == {"EMAIL": 4, "IP": 1, "PHONE": 2}


def test_secrets_that_differ_in_case_are_different():
    assert Redactor().text("password=Hunter22 password=hunter22").count("<SECRET_2>") == 1


def test_placeholders_of_others_keep_their_number():
    own = Redactor()
    own.reserve("earlier: <EMAIL_2>")
    text = "<EMAIL_1> wrote to a@x.com and b@x.com"
    assert own.text(text) == "<EMAIL_1> wrote to <EMAIL_3> and <EMAIL_4>"
    assert own.counts == {"EMAIL": 2}


def test_json_reserves_placeholders_that_stand_further_back():
    assert Redactor().json('["a@x.com", "<EMAIL_1>"]') == '["<EMAIL_2>", "<EMAIL_1>"]'


def test_value_hidden_by_its_neighbour_is_found_too():
    assert Redactor().text("wang@qq.com13800138000") == "<EMAIL_1><PHONE_1>"


def test_overlap_leaves_no_rest_behind():
    assert Redactor().text("password=abc:wang@qq.com") == "password=<SECRET_1>"


def test_text_that_becomes_json_is_redacted_as_json():
    text = r'{"n": "password=hunter2\q1", "phone": ["a", 12345678]}'
    assert Redactor().json(text) == '{"n": "password=<SECRET_1>", "phone": ["a", "<PHONE_1>"]}'


def test_detector_that_finds_placeholders_does_not_keep_cutting():
    everything = Rules(lambda text: [(0, len(text), "ALL")] if text else [])
    assert Redactor(everything).text("<EMAIL_1><IP_2>") == "<EMAIL_1><IP_2>"
    assert Redactor(everything).text("abc") == "<ALL_1>"


@pytest.mark.parametrize(
    "text",
    ["u:<SECRET_1>@h", "https://u:<SECRET_1>@h", "password: <SECRET_1>", '"key": "<SECRET_1>"'],
)
def test_placeholder_is_no_value(text):
    assert Redactor().text(text) == text


def test_bare_number_in_json_like_text_is_quoted():
    own = Redactor()
    assert own.text('see {"phone": 13800138000}') == 'see {"phone": "<PHONE_1>"}'
    assert own.text(r"{\"phone\": 13800138000, ...") == r"{\"phone\": \"<PHONE_1>\", ..."
    assert own.text('"phone": 13800138000 is mine') == '"phone": <PHONE_1> is mine'


def test_json_stays_json_at_every_depth():
    arguments = json.dumps(
        {"to": "wang@qq.com", "phone": 13800138000, "n": 3, "ids": [13800138000.0]}
    )
    calls = json.dumps([{"id": "call_1", "function": {"name": "send", "arguments": arguments}}])
    redacted = json.loads(Redactor().json(calls))
    assert json.loads(redacted[0]["function"]["arguments"]) == {
        "to": "<EMAIL_1>",
        "phone": "<PHONE_1>",
        "n": 3,
        "ids": ["<PHONE_1>"],
    }


def test_json_keys_are_redacted_and_tell_what_their_value_is():
    text = '{"wang@qq.com": 1, "password": "hunter22", "pwd": 12345678, "note": "hunter22"}'
    wanted = '{"<EMAIL_1>": 1, "password": "<SECRET_1>", "pwd": "<SECRET_2>", "note": "hunter22"}'
    assert Redactor().json(text) == wanted


def test_json_without_private_values_keeps_its_bytes():
    text = '{"a":1.0,  "b":"\\u4f60\\/", "c": [1e5, "x"], "c": null}'
    assert Redactor().json(text) == text


def test_broken_json_is_redacted_as_text():
    assert Redactor().json('{"to": "wang@qq.com", "n": 1') == '{"to": "<EMAIL_1>", "n": 1'


RAW = [
    (r'{"to": "wang\u0040qq.com', '{"to": "<EMAIL_1>'),
    (r'{"a": "hi\nwang@qq.com', r'{"a": "hi\n<EMAIL_1>'),
    (r'{"a": "{\"b\": \"\\nwang\\u0040qq.com\\t', r'{"a": "{\"b\": \"\\n<EMAIL_1>\\t'),
    (r'{"a": "https:\/\/u:hunter@h\/x', r'{"a": "https:\/\/u:<SECRET_1>@h\/x'),
    (r'{"a": "\u0031\u0033800138000"', '{"a": "<PHONE_1>"'),
    ('{"password": "hunter22", "b": "hunter22?', '{"password": "<SECRET_1>", "b": "<SECRET_1>?'),
    ("broken \ud800 wang@qq.com", "broken \ud800 <EMAIL_1>"),
    (r"nothing \u4f60 here", r"nothing \u4f60 here"),
    ('{"n": 13800138000}', '{"n": "<PHONE_1>"}'),
]


@pytest.mark.parametrize(("raw", "redacted"), RAW)
def test_raw_records_are_read_through_their_escapes(raw, redacted):
    assert redact_raw(raw)[0] == redacted


def test_raw_records_are_counted():
    assert redact_raw("a@x.com b@x.com 8.8.4.4")[1] == {"EMAIL": 2, "IP": 1}


@check()
@given(SCRAPPY)
def test_redacting_twice_changes_nothing_more(text):
    once = Redactor().text(text)
    again = Redactor()
    assert again.text(once) == once
    assert not again.counts


@check()
@given(TREES.map(json.dumps))
def test_json_stays_json_and_twice_is_once(text):
    once = Redactor().json(text)
    json.loads(once)
    assert Redactor().json(once) == once


@check()
@given(TREES.map(json.dumps), st.integers(0, 60))
def test_raw_redaction_twice_is_once_whole_or_broken(text, cut):
    once, _ = redact_raw(text[cut:])
    assert redact_raw(once) == (once, {})


@check()
@given(
    st.lists(st.sampled_from(tuple(VALUES)), max_size=8),
    st.sampled_from([" ", "、", "\n", "입니다", "|"]),
)
def test_no_value_survives_among_others(values, between):
    own = Redactor()
    redacted = own.text(between.join(values))
    assert not any(value in redacted for value in VALUES)
    assert own.counts.total() == len(values)
    assert len(set(redacted.split(between)) - {""}) == len(set(values))
