import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.checks.reasoning import TAGS, split_reasoning


@pytest.mark.parametrize("tag", TAGS)
def test_block_moves_out_of_the_answer(tag):
    answer = f"<{tag}>\n3 + 4\nmakes 7\n</{tag}>\n\nIt is 7.\n"
    assert split_reasoning(answer) == ("It is 7.", "3 + 4\nmakes 7")


def test_case_of_the_tag_does_not_count():
    assert split_reasoning("<Think>hm</THINK>7") == ("7", "hm")


def test_several_blocks_are_joined():
    answer = "<think>a</think>One. <reasoning>b</reasoning>Two."
    assert split_reasoning(answer) == ("One. Two.", "a\n\nb")


def test_empty_block_is_no_reasoning():
    assert split_reasoning("<think>\n\n</think>\n\n7") == ("7", None)


def test_answer_of_nothing_but_reasoning_becomes_empty():
    assert split_reasoning("<think>I wonder.</think>") == ("", "I wonder.")


@pytest.mark.parametrize(
    "answer",
    [
        "7",
        "",
        " 7\n",
        "<think>3 + 4",
        "3 + 4</think>7",
        "<think>3</reasoning>7",
        "I <b>think</b> so",
    ],
)
def test_answer_without_a_whole_block_stays_as_it_is(answer):
    assert split_reasoning(answer) == (answer, None)


@settings(derandomize=True, deadline=None)
@given(st.text(), st.text())
def test_no_word_is_lost(thought, answer):
    rest, reasoning = split_reasoning(f"<think>{thought}</think>{answer}")
    assert rest == answer.strip()
    assert (reasoning or "") == thought.strip()
