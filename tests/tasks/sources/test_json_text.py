import pytest

from schemas.conversation import Unreadable
from tasks.sources.json_text import MAX_DEPTH, as_object, canonical, dump, parse, unfold


def nested(depth):
    return "[" * depth + "1" + "]" * depth


def test_nesting_is_refused_at_a_depth_that_does_not_depend_on_the_caller():
    assert parse(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 500, 100_000):
        with pytest.raises(Unreadable, match="nested more than 100 levels"):
            parse(nested(depth))


def test_many_brackets_side_by_side_are_not_deep():
    assert parse("[" + ",".join(["[]"] * 500) + "]") == [[]] * 500


def test_json_text_in_a_string_is_unfolded_and_other_text_is_left_alone():
    assert unfold(' [{"a": 1}]') == [{"a": 1}]
    for text in ("[sure] here you are", "{", "12", '"quoted"', ""):
        assert unfold(text) == text
    assert unfold(None) is None


def test_only_objects_count_as_objects():
    assert as_object('{"a": 1}') == as_object({"a": 1}) == {"a": 1}
    assert as_object("text") == as_object([1]) == as_object(None) == {}


def test_canonical_text_does_not_depend_on_the_order_of_keys():
    assert (
        canonical({"b": "é", "a": 1}) == canonical({"a": 1, "b": "é"}) == '{"a":1,"b":"é"}'.encode()
    )


def test_dumped_text_keeps_the_order_of_keys_and_every_script():
    assert dump({"b": "你好", "a": None}) == '{"b":"你好","a":null}'
