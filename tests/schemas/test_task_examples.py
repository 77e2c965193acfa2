import tomllib

import pytest

from schemas.errors import TaxonomyError
from schemas.task_examples import SHIPPED, load_examples, read_examples
from schemas.task_types import Kind, TaskTypes, load

TYPES = load()
EXAMPLES = read_examples()


def test_every_shipped_kind_has_examples_in_file_order():
    assert tuple(EXAMPLES) == TYPES.labels
    assert min(map(len, EXAMPLES.values())) >= 30


@pytest.mark.parametrize("label", TYPES.labels)
def test_examples_of_a_kind_are_in_three_languages(label):
    korean = [text for text in EXAMPLES[label] if any("가" <= c <= "힣" for c in text)]
    chinese = [
        text
        for text in EXAMPLES[label]
        if text not in korean and any("\u4e00" <= c <= "\u9fff" for c in text)
    ]
    share = len(EXAMPLES[label])
    assert len(korean) >= share * 0.08
    assert len(chinese) >= share * 0.2
    assert share - len(korean) - len(chinese) >= share * 0.4


def test_no_example_is_written_twice():
    pairs = load_examples(TYPES)
    assert len({" ".join(text.casefold().split()) for _, text in pairs}) == len(pairs)


def test_the_file_holds_one_example_a_line():
    lines = SHIPPED.read_text(encoding="utf-8").splitlines()
    assert sum(line.startswith('    "') for line in lines) == sum(map(len, EXAMPLES.values()))
    assert tomllib.loads("\n".join(lines))


def test_examples_of_the_list_come_first():
    first = TYPES.kinds[TYPES.labels[0]]
    assert load_examples(TYPES)[: len(first.examples)] == tuple(
        (first.label, example) for example in first.examples
    )


def sums(**keys):
    return Kind(
        area="sums",
        name="easy",
        description="Add.",
        answer_style="short",
        examples=("1 + 1",),
        **keys,
    )


def test_shipped_examples_follow_a_renamed_kind_and_leave_out_unknown_ones():
    own = TaskTypes(
        version=1, kinds={"sums/easy": sums()}, aliases={"maths/arithmetic": "sums/easy"}
    )
    pairs = load_examples(own)
    assert pairs[0] == ("sums/easy", "1 + 1")
    assert [text for _, text in pairs[1:]] == list(EXAMPLES["maths/arithmetic"])


BAD = {
    "no TOML": ('"a/b" = [', "not TOML.*Mend that line"),
    "no list": ('"a/b" = 3', "a/b: .*got 3.*list of prompts"),
    "a blank prompt": ('"a/b" = ["x", " "]', "a/b.1: .*list of prompts that are not blank"),
}


@pytest.mark.parametrize("case", BAD)
def test_mistake_is_named_with_its_file_kind_and_fix(tmp_path, case):
    text, message = BAD[case]
    path = tmp_path / "examples.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(TaxonomyError, match=message) as error:
        read_examples(path)
    assert str(error.value).startswith(str(path))


def test_missing_file_says_what_to_do(tmp_path):
    with pytest.raises(TaxonomyError, match="Install the package again"):
        read_examples(tmp_path / "nowhere.toml")
