import polars as pl
import pytest

from schemas.check_names import CHECK_NAMES, GENERAL
from schemas.task_examples import load_examples
from schemas.task_types import UNKNOWN, Kind, TaskTypes, load
from tasks.taxonomy import FEW_EXAMPLES, STORED, Taxonomy, findings, kinds_per_area

SUMS, PRODUCTS = "Add given numbers.", "Find out what a customer would like to buy."
TOPICS = ["bread", "rain", "chess", "tax", "glass", "opera", "wool", "salt", "maps", "bees"]
ENGLISH = tuple(f"Please help me with {topic}." for topic in TOPICS)
CHINESE = tuple(f"请帮我处理{topic}的问题" for topic in "面雨棋税窗歌羊盐图蜂")


def kind(label, description=SUMS, **keys):
    area, name = label.split("/")
    given = {"answer_style": "short", "examples": (f"{label}?",), **keys}
    return Kind(area=area, name=name, description=description, **given)


def types(*kinds, version=2, aliases=None):
    by_label = {kind.label: kind for kind in kinds}
    return TaskTypes(version=version, kinds=by_label, aliases=aliases or {})


GOOD = types(
    kind("maths/sums"),
    kind("maths/products", PRODUCTS, keywords=(r"\bbuy\b",)),
    aliases={"maths/plus": "maths/sums"},
)
EXAMPLES = (
    *(("maths/sums", text) for text in (*ENGLISH, *CHINESE)),
    *(("maths/products", f"{text} 2") for text in (*ENGLISH, *CHINESE)),
)


def found(of=GOOD, examples=EXAMPLES, stored=()):
    rows = pl.DataFrame(list(stored), schema=STORED, orient="row")
    return [tuple(finding) for finding in findings(Taxonomy(of, tuple(examples), rows))]


def only(level, kind, seen, fix, **given):
    (finding,) = found(**given)
    assert finding[:2] == (level, kind)
    assert seen in finding[2]
    assert fix in finding[3]


def test_a_sound_list_has_no_finding():
    stored = [("maths/sums", 2, 5), ("maths/plus", 1, 9), (UNKNOWN, 1, 3), (UNKNOWN, 2, 3)]
    assert found(stored=stored) == []


def test_a_check_that_does_not_exist_is_an_error():
    planted = types(kind("maths/sums", checks=("emty",)), *list(GOOD.kinds.values())[1:])
    only("error", "maths/sums", "no check is named 'emty'", "'empty'", of=planted)


def test_the_checks_of_a_kind_that_names_none_exist():
    assert set(kind("maths/sums").checks) <= {*CHECK_NAMES, GENERAL}


def test_an_example_of_two_kinds_is_an_error_whatever_its_case_and_spaces():
    planted = (*EXAMPLES, ("maths/products", ENGLISH[0].upper() + "  "))
    only("error", "maths/sums", "is an example of maths/products, too", "drop", examples=planted)


@pytest.mark.parametrize(
    ("level", "description"), [("error", SUMS.upper()), ("note", "Add the given numbers.")]
)
def test_descriptions_that_read_the_same_are_found(level, description):
    planted = types(kind("maths/sums"), kind("maths/products", description))
    only(level, "maths/sums", "nearly that of maths/products", "tells them apart", of=planted)


def test_tags_of_this_version_that_it_does_not_have_are_an_error():
    stored = [("maths/gone", 2, 4), ("maths/plus", 2, 3), ("maths/sums", 2, 9)]
    only("error", "", "7 stored tags of version 2", "raise `version` to 3", stored=stored)


def test_a_version_below_the_stored_ones_is_an_error():
    stored = [("maths/sums", 5, 1)]
    only("error", "", "tags of version 5 are stored", "raise `version` to 6", stored=stored)


def test_older_tags_without_a_kind_or_an_alias_are_noted_with_their_count():
    only(
        "note", "maths/sum", "7 stored", '"maths/sum" = "maths/sums"', stored=[("maths/sum", 1, 7)]
    )


def test_keywords_that_fire_first_on_examples_of_another_kind_are_noted():
    planted = (*EXAMPLES, ("maths/sums", "What do I pay if I buy two?"))
    only(
        "note", "maths/products", "of maths/sums (1), such as 'What do", "narrow", examples=planted
    )


def test_a_kind_with_few_examples_is_noted():
    thin = EXAMPLES[: FEW_EXAMPLES // 2] + EXAMPLES[15:]
    assert found(examples=thin) == []
    thin = EXAMPLES[:4] + EXAMPLES[15:]
    only("note", "maths/sums", "9 examples", f"write {FEW_EXAMPLES}", examples=thin)


@pytest.mark.parametrize(("language", "texts"), [("Chinese", ENGLISH), ("English", CHINESE)])
def test_a_kind_without_examples_in_a_language_is_noted(language, texts):
    planted = (*(("maths/sums", text) for text in texts), *EXAMPLES[20:])
    only("note", "maths/sums", f"no example in {language}", "write", examples=planted)


def test_an_area_of_one_kind_is_noted():
    planted = types(*GOOD.kinds.values(), kind("sums/all", "Quite another thing."))
    examples = (*EXAMPLES, *(("sums/all", f"{text}!") for text in (*ENGLISH, *CHINESE)))
    only("note", "sums", "one kind", "divide", of=planted, examples=examples)


def test_errors_come_before_notes():
    levels = [level for level, *_ in found(examples=EXAMPLES[:3], stored=[("maths/x", 2, 1)])]
    assert levels == sorted(levels)
    assert set(levels) == {"error", "note"}


def test_the_shipped_list_has_no_error_and_few_notes():
    shipped = load()
    said = findings(Taxonomy(shipped, load_examples(shipped)))
    assert [finding for finding in said if finding.level == "error"] == []
    assert len(said) <= 5
    assert sum(kinds_per_area(shipped).values()) == len(shipped.labels)
