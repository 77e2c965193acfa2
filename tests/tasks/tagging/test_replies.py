import json

import pytest

from tasks.tagging.replies import MAX_CHARS, Unusable, checked, read_pack, read_single

GOOD = json.dumps({"reason": "It asks how.", "task_type": "qa/how_to"})


@pytest.mark.parametrize(
    "text",
    [
        GOOD,
        f"```json\n{GOOD}\n```",
        f"Sure! Here it is:\n{GOOD}\nAnything else?",
        f"<think>{{hm}}</think>{GOOD}",
        GOOD.replace("qa/how_to", " QA/How_To "),
        GOOD.replace("qa/how_to", "qa / how_to"),
        GOOD.replace("qa/how_to", "ｑａ／ｈｏｗ＿ｔｏ"),
        GOOD + GOOD,
        f"{GOOD}\nThe braces {{}} mean nothing.",
        '{"reason": null, "task_type": "qa/how_to"}',
    ],
    ids=[
        *("as asked", "code fence", "prose", "thoughts", "case"),
        *("blanks", "width", "twice", "braces", "no reason"),
    ],
)
def test_what_stands_around_the_object_does_not_matter(types, text):
    assert checked(read_single(text), types).task_type == "qa/how_to"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "not the JSON object"),
        ("qa/how_to", "not the JSON object"),
        ('["qa/how_to"]', "not the JSON object"),
        ('{"reason": "no type"}', "not the JSON object"),
        (GOOD[:-5], "not the JSON object"),
        ('{"task_type": ["qa/how_to"]}', "not the JSON object"),
        ("[" * 100_000, "not the JSON object"),
        ('{"task_type": "\\ud800"}', "not the JSON object"),
        ("{" + " " * MAX_CHARS + "}", "far too long"),
        ('{"task_type": "qa/how_too"}', "'qa/how_too' is not on the list"),
        ('{"task_type": "how_to"}', "not on the list"),
        ('{"task_type": "问答/方法"}', "not on the list"),
    ],
)
def test_a_reply_of_no_use_is_named_for_what_is_wrong_with_it(types, text, problem):
    with pytest.raises(Unusable, match=problem):
        checked(read_single(text), types)


def test_a_label_of_before_means_the_one_of_today(types):
    renamed = types.model_copy(update={"aliases": {"qa/howto": "qa/how_to"}})
    said = read_single('{"task_type": "qa/howto"}')
    assert checked(said, renamed).task_type == "qa/how_to"


def test_a_reason_is_kept_short(types):
    said = read_single(json.dumps({"reason": "a" * 9_000, "task_type": "qa/how_to"}))
    assert len(checked(said, types).reason) == 500


def pack(*ids):
    return json.dumps({"tags": [{"id": id, "task_type": "qa/how_to"} for id in ids]})


@pytest.mark.parametrize(
    "ids", ["ba", "a", "", "abb", "aab", "abc", "ac", "aa"], ids=lambda ids: ids or "none"
)
def test_a_pack_needs_every_id_once_and_in_order(ids):
    assert [tag.id for tag in read_pack(pack("a", "b"), ["a", "b"])] == ["a", "b"]
    with pytest.raises(Unusable):
        read_pack(pack(*ids), ["a", "b"])
