import json

import pytest

from tasks.redaction.json_text import is_json, map_values


def shout(value, key):
    return "!" if value == "13" else f"{key}={value}" if key == "k" else value.upper()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('"a"', '"A"'),
        ('{"k": "v"}', '{"K": "V"}'),
        ("[13, -1, 2.50, 1e400, true, null]", '["!", -1, 2.50, "1E400", true, null]'),
        ("13.0", '"!"'),
        ('{"A" : 13 }', '{"A" : "!" }'),
        (r'["\"q\\", "\u4f60"]', '["\\"Q\\\\", "\\u4f60"]'),
        ('["a", "A"]', '["A", "A"]'),
    ],
)
def test_values_change_in_place(text, wanted):
    assert map_values(text, shout) == wanted


def test_values_know_the_changed_key_before_them():
    seen = []
    map_values('{"a": 1, "b": {"c": ["x", 2]}}', lambda v, k: seen.append((v, k)) or v.upper())
    assert seen == [("a", ""), ("1", "A"), ("b", ""), ("c", ""), ("x", "C"), ("2", "C")]


def test_what_does_not_change_keeps_its_bytes():
    text = ' {"a":1.0,  "a":"\\u4f60\\/", "n":' + "9" * 5_000 + ', "f": 1E400}\n'
    assert map_values(text, lambda value, key: value) == text


def test_changed_text_with_a_lone_surrogate_can_still_be_stored():
    changed = map_values(r'["\ud83d x"]', lambda value, key: value + "!")
    assert changed.encode()
    assert json.loads(changed) == ["\ud83d x!"]


@pytest.mark.parametrize("text", ["", "nope", "{'a': 1}", '{"a": 1', "[" * 100_000, '"\\x"'])
def test_other_text_is_not_json(text):
    assert not is_json(text)


def test_long_numbers_are_json():
    assert is_json("9" * 5_000)
