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


SPLIT = {
    "deepseek": ("3 + 4\nmakes 7.\n</think>\n\n7", "7", "3 + 4\nmakes 7."),
    "attribute": ('<think lang="en">3 + 4</think>7', "7", "3 + 4"),
    "nested": ("<think>3 <think>+</think> 4</think>7", "7", "3 <think>+</think> 4"),
    "the tag named inside": ("<think>I close </think> soon\n</think>\n7", "7", None),
    "after a greeting": ("Sure!\n<think>\n3 + 4\n</think>\n7", "Sure!\n\n7", "3 + 4"),
    "never closed": ("<think>\n3 + 4\n\nFinal answer: 7", "7", "3 + 4"),
    "answer in tags": ("<think>3 + 4</think><answer>7</answer>", "7", "3 + 4"),
    "answer in tags, never closed": ("<think>\n3 + 4\n<answer>7</answer>", "7", "3 + 4"),
    "a fence left open inside": ("<think>\n```\n3\n</think>\n```\n7\n```", "```\n7\n```", "```\n3"),
    "fence": ("```thinking\n3 + 4\n```\n7", "7", "3 + 4"),
    "fence never closed": ("```reasoning\n3 + 4\n\nAnswer: 7", "7", "3 + 4"),
    "one line": ("Let me think. 3 + 4 is 7. Final answer: 7", "7", "Let me think. 3 + 4 is 7."),
    "bold line": ("Let me think.\n\n**Answer: 7**, **sure**", "7, **sure**", "Let me think."),
    "heading": ("## Reasoning\n3 + 4\n## Answer\nAnswer: 7", "Answer: 7", "3 + 4"),
    "zh": ("首先让我分析，3加4等于7。答案：7", "7", "首先让我分析，3加4等于7。"),
    "zh brackets": ("【思考】3加4\n【答案】7", "7", "3加4"),
    "ko": ("풀이 과정: 3 더하기 4\n\n정답: 7", "7", "3 더하기 4"),
}


@pytest.mark.parametrize(("said", "answer", "thought"), SPLIT.values(), ids=SPLIT.keys())
def test_reasoning_moves_out_where_a_mark_says_that_the_answer_begins(said, answer, thought):
    rest, reasoning = split_reasoning(said)
    assert rest == answer
    assert reasoning == thought or thought is None


@pytest.mark.parametrize(
    "prompt", ["Show your work.", "Think step by step.", "写出解题过程", "풀이 과정도"]
)
@pytest.mark.parametrize("shown", ["one line", "heading", "zh brackets", "ko"])
def test_steps_that_the_prompt_asked_for_stay(prompt, shown):
    assert split_reasoning(SPLIT[shown][0], prompt) == (SPLIT[shown][0], None)


def test_tags_go_even_where_steps_were_asked_for():
    assert split_reasoning("<think>hm</think>3 + 4 = 7", "Show your work.")[1] == "hm"


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
        "It reasons between <think> and </think> before it answers.",
        "<think> tags open it.\n</think> tags close it.",
        "`<think>`\nopens, and this closes:\n`</think>`\n",
        "```\n<think>\n3 + 4\n</think>\n```\n",
        "````\n```thinking\n3 + 4\n```\n````\n",
        "Let me think of a riddle.\n\nRiddle: what has keys?\nAnswer: a piano",
        "Let me think first.\n\nRiddle: what has keys?\nAnswer: a piano",
        "Let me think first.\n\n---\n\nA quiz about keys.\nAnswer: a piano",
        "Let me think about where to go.\n\n1. Rome\n2. Oslo\n\n---\n\nBoth are dear.",
        "Let me think about where to go. Rome.\n\n---\n\nTell me if it is too dear.",
        "Let me think. 3 + 4.\nAnswer: 6. No.\nAnswer: 7",
        "Let me think. 3 + 4.\n\nAnswer:",
        "让我们来分析一下这首诗。\n\n答案：没有",
    ],
)
def test_answer_without_sure_marks_stays_as_it_is(answer):
    assert split_reasoning(answer) == (answer, None)


@settings(derandomize=True, deadline=None)
@given(st.text(), st.text())
def test_no_word_is_lost(thought, answer):
    rest, reasoning = split_reasoning(f"<think>{thought}</think>{answer}")
    assert rest == answer.strip()
    assert (reasoning or "") == thought.strip()


@pytest.mark.parametrize("run", ["`" * 100_000, "~~~a\n" * 20_000, "```\n" * 25_000], ids=range(3))
def test_long_run_of_marks_is_read_once(run):
    """Minutes, and not parts of a second, if each mark is read to the end."""
    assert split_reasoning(f"{run}<think>")[1] is None
