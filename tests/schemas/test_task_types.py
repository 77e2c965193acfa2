import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from schemas.errors import TaxonomyError
from schemas.task_types import UNKNOWN, load

ROOT = Path(__file__).parent.parent.parent
SHIPPED = load()
DEMO_KINDS = {
    *("maths/arithmetic", "maths/unit_conversion", "maths/date_calculation", "reasoning/sorting"),
    *("extraction/fields_to_json", "classification/sentiment", "classification/intent"),
    *("writing/email", "qa/open_qa", "qa/how_to", "chat/greeting", "chat/small_talk"),
}

SUMS = """
description = "Add numbers."
answer_style = "short"
examples = ["1 + 1"]
"""
GOOD = f"version = 3\n[kinds.maths.sums]{SUMS}[kinds.chat.hello]{SUMS}"


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "task_types.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_shipped_list_has_every_kind_of_the_demo():
    assert set(SHIPPED.labels) >= DEMO_KINDS


def test_shipped_list_is_two_levels_of_a_handy_size():
    types = SHIPPED
    assert 10 <= len({kind.area for kind in types.kinds.values()}) <= 13
    assert 40 <= len(types.labels) <= 60


@pytest.mark.parametrize("kind", SHIPPED.kinds.values(), ids=lambda kind: kind.label)
def test_shipped_kind_is_described_in_one_english_sentence(kind):
    assert kind.description.isascii()
    assert kind.description.endswith(".")
    assert kind.description.count(".") == 1


@pytest.mark.parametrize("kind", SHIPPED.kinds.values(), ids=lambda kind: kind.label)
def test_shipped_kind_has_examples_in_english_and_chinese(kind):
    assert 2 <= len(kind.examples) <= 3
    assert any(example.isascii() for example in kind.examples)
    assert any("\u4e00" <= letter <= "\u9fff" for e in kind.examples for letter in e)


def test_no_example_is_shared_by_two_kinds():
    examples = [example for kind in SHIPPED.kinds.values() for example in kind.examples]
    assert len(examples) == len(set(examples))


def test_labels_keep_the_order_of_the_file(written):
    assert load(written(GOOD)).labels == ("maths/sums", "chat/hello")


def test_a_kind_is_found_by_its_label(written):
    types = load(written(GOOD))
    assert types.version == 3
    assert types.kinds["maths/sums"].description == "Add numbers."
    assert types.kinds["maths/sums"].keywords == ()


def test_keys_that_an_older_file_does_not_have_get_defaults(written):
    sums = load(written(GOOD)).kinds["maths/sums"]
    assert (sums.difficulty, sums.weight, sums.reasoning) == (3, 1.0, False)
    assert sums.checks == ("general",)


def test_a_kind_says_how_hard_it_is_and_what_its_answers_need(written):
    keys = 'difficulty = 5\nweight = 0.5\nreasoning = true\nchecks = ["empty"]\n'
    sums = load(written(GOOD.replace(SUMS, SUMS + keys, 1))).kinds["maths/sums"]
    assert (sums.difficulty, sums.weight, sums.reasoning) == (5, 0.5, True)
    assert sums.checks == ("empty",)


ALIASES = '\n[aliases]\n"old/sums" = "sums/old"\n"sums/old" = "maths/sums"\n'


def test_a_stored_label_resolves_to_the_kind_of_today_through_any_number_of_aliases(written):
    types = load(written(GOOD + ALIASES))
    assert [types.resolve(label) for label in ("maths/sums", "sums/old", "old/sums")] == [
        "maths/sums"
    ] * 3


@pytest.mark.parametrize("label", ["maths/gone", "", UNKNOWN])
def test_a_label_that_stands_for_no_kind_is_asked_again(written, label):
    assert load(written(GOOD + ALIASES)).resolve(label) is None


def test_labels_of_the_first_shipped_list_still_resolve():
    assert SHIPPED.resolve("classification/true_or_false") == "qa/multiple_choice"


def test_a_former_label_is_as_short_as_the_kind_of_today(written):
    types = load(written(GOOD.replace('"short"', '"long"', 1) + ALIASES))
    assert types.short == {"chat/hello"}
    types = load(written(GOOD + ALIASES))
    assert types.short == {"maths/sums", "chat/hello", "sums/old", "old/sums"}


def test_a_file_with_a_byte_order_mark_is_read(written):
    assert load(written(f"\ufeff{GOOD}")).version == 3


def test_unknown_is_a_tag_but_no_kind():
    assert UNKNOWN == "unknown/unknown"
    assert UNKNOWN not in SHIPPED.labels


def test_task_types_do_not_change_after_loading():
    with pytest.raises(ValidationError, match="frozen"):
        SHIPPED.kinds["maths/arithmetic"].answer_style = "long"


BAD = {
    "no TOML": ("version = ", "not TOML"),
    "empty": ("", "kinds is empty"),
    "no kinds": ("version = 1\n[kinds]", "kinds is empty"),
    "an area without kinds": ("version = 1\n[kinds.maths]", "maths is empty"),
    "a kind without keys": ("version = 1\n[kinds.maths.sums]", "maths/sums is empty"),
    "no version": (f"[kinds.maths.sums]{SUMS}", "version: .* greater than or equal to 1"),
    "duplicate": (GOOD + f"[kinds.maths.sums]{SUMS}", "maths/sums is declared twice.*drop one"),
    "misspelt key": (
        GOOD.replace("examples", "exampels", 1),
        "maths/sums: unknown key 'exampels'; the nearest known one is 'examples'",
    ),
    "misspelt key on top": ("verson = 1\n" + GOOD, "unknown key 'verson'.*'version'"),
    "missing key": (GOOD.replace('answer_style = "short"', "", 1), "maths/sums: answer_style"),
    "another style": (GOOD.replace('"short"', '"brief"', 1), "maths/sums: answer_style.*'brief'"),
    "no examples": (GOOD.replace('["1 + 1"]', "[]", 1), "maths/sums: examples"),
    "a blank description": (GOOD.replace("Add numbers.", " ", 1), "maths/sums: description"),
    "capitals": (GOOD.replace("maths.sums", "maths.Sums"), "maths/Sums: name.*pattern.*'Sums'"),
    "a space": (GOOD.replace("maths.sums", '"my maths".sums'), "my maths/sums: area.*pattern"),
    "the area all": (GOOD.replace("maths.", "all."), "all/sums.*verdict over all.*rename it"),
    "the area unknown": (GOOD.replace("maths.", "unknown."), "unknown/sums.*rename it"),
    "half a group": (GOOD + "keywords = ['(a']", "chat/hello: keywords.0: '\\(a'.*unclosed group"),
    "look-ahead": (GOOD + "keywords = ['a(?=b)']", "chat/hello: keywords.0.*look-around"),
    "greedy": (GOOD + "keywords = ['a*']", "chat/hello: keywords.0: 'a\\*' fires on every text"),
    "together too large": (
        GOOD + r"keywords = ['a\w{1,200}z', 'b\w{1,200}z', 'c\w{1,200}z', 'd\w{1,200}z']",
        "chat/hello: .*too large for one pattern",
    ),
    "a comment in a keyword": (GOOD + "keywords = ['(?x)foo # c']", "keywords.0.*unclosed group"),
    "a version past all bounds": (GOOD.replace("= 3", "= 99999999999"), "version: .*less than"),
    "a weight past all bounds": (GOOD.replace(SUMS, SUMS + "weight = inf\n", 1), "maths/sums: wei"),
    "an alias to nowhere": (
        GOOD + '[aliases]\n"old/a" = "maths/sum"',
        "aliases: old/a leads to maths/sum, which is no kind.*the nearest is maths/sums",
    ),
    "an alias of a kind": (
        GOOD + '[aliases]\n"maths/sums" = "chat/hello"',
        "aliases: maths/sums is a kind of the list; drop the alias or the kind",
    ),
    "a loop": (
        GOOD + '[aliases]\n"a/a" = "b/b"\n"b/b" = "a/a"',
        "aliases: a/a -> b/b -> a/a is a loop; end it in a kind",
    ),
    "an alias to itself": (GOOD + '[aliases]\n"a/a" = "a/a"', "a/a -> a/a is a loop"),
    "aliases as a list": ("aliases = [1]\n" + GOOD, "aliases: .*dict"),
    "too hard": (GOOD.replace(SUMS, SUMS + "difficulty = 6\n", 1), "maths/sums: difficulty: .*6"),
    "a weight below 0": (GOOD.replace(SUMS, SUMS + "weight = -1\n", 1), "maths/sums: weight"),
    "the same keyword twice": (
        GOOD.replace(SUMS, SUMS + "keywords = ['sum']\n"),
        "chat/hello: the keyword 'sum' is a duplicate of one of maths/sums; drop one",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_mistake_is_named_with_its_file_kind_and_fix(written, case):
    text, message = BAD[case]
    with pytest.raises(TaxonomyError, match=message) as error:
        load(written(text))
    assert "task_types.toml: " in str(error.value)
    assert "\n" not in str(error.value)


def test_missing_file_points_at_the_setting(tmp_path):
    with pytest.raises(TaxonomyError, match=r"nowhere\.toml.*`task_types` in flywheel\.toml"):
        load(tmp_path / "nowhere.toml")


def test_classes_of_public_sets_map_to_areas_of_the_shipped_list():
    mapping = tomllib.loads((ROOT / "benchmarks" / "task_type_mapping.toml").read_text("utf-8"))
    areas = {kind.area for kind in SHIPPED.kinds.values()}
    for name, classes in mapping.items():
        assert {area for mapped in classes.values() for area in mapped} <= areas, name
        assert any(classes.values()), name
