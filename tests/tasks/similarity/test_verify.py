from itertools import combinations

import pytest

from schemas.settings import DedupeSettings
from tasks.similarity.verify import are_twins, digits, jaccard, looks_like_code

CFG = DedupeSettings()
SKY = "Why is the sky blue at noon, and why does it turn red in the evening?"
FLAT = ["total = 0", "for price in prices:", "    if price > limit:", "        total += price"]
CODE = "Explain this function to a beginner, please.\n" + "\n".join(
    f"    def step_{name}(value):\n        return value + {name}" for name in "abcdefgh"
)


def test_jaccard_counts_shared_shingles_exactly():
    assert jaccard("abcdef", "abcdeg") == 1 / 3
    assert jaccard("abcdef", "ABCDEF") == 1.0
    assert jaccard("", "") == 1.0
    assert jaccard("天空为什么", "天空为什") == 2 / 3


def test_small_slip_in_a_long_text_is_a_twin_and_its_jaccard_is_given():
    slip = SKY.replace("noon,", "noon")
    assert are_twins(SKY, slip, CFG) == jaccard(SKY, slip)
    assert CFG.threshold <= jaccard(SKY, slip) < 1


def test_case_form_and_white_space_do_not_count_in_long_prose():
    assert are_twins(SKY, SKY.upper().replace(" ", "  "), CFG) == 1.0


def test_threshold_itself_is_enough_and_just_above_it_is_not():
    slip = SKY.replace("noon,", "noon")
    at = jaccard(SKY, slip)
    assert are_twins(SKY, slip, DedupeSettings(threshold=at)) == at
    assert are_twins(SKY, slip, DedupeSettings(threshold=at + 1e-9)) is None


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("3²", "32"),
        ("哈哈哈哈", "哈哈哈"),
        ("What is C?", "what is c?"),
        ("What is C?", "What is C"),
        ("a  b", "a b"),
        ("Summarise this text for me, pls", "Summarise this text for me, plz."),
        ("哈哈" * 15, "哈哈" * 18),
    ],
)
def test_short_texts_are_no_twins_unless_equal(a, b):
    assert are_twins(a, b, CFG) is None
    assert are_twins(b, a, CFG) is None


@pytest.mark.parametrize(
    ("a", "b"), [("ＡＢＣ", "ABC"), ("你好？", " 你好?\n"), ("", " "), ("a\u3000b", "a b")]
)
def test_short_texts_equal_up_to_width_and_outer_space_are_twins(a, b):
    assert are_twins(a, b, CFG) == 1.0


def test_distinct_chinese_prompts_of_two_to_four_characters_are_never_twins():
    prompts = ["写诗", "写信", "翻译", "写首诗", "写一首诗"]
    assert all(are_twins(a, b, CFG) is None for a, b in combinations(prompts, 2))


@pytest.mark.parametrize("now", ["13", "21", "1²", "1 2 3", "", "½"])
def test_changed_digits_are_never_twins_in_a_long_text(now):
    a, b = (SKY + f" Answer in {number} words." for number in ("12", now))
    assert jaccard(a, b) > CFG.threshold
    assert are_twins(a, b, CFG) is None


def test_full_width_digits_are_the_same_only_where_nothing_but_width_differs():
    a, b = (SKY + f" Answer in {number} words." for number in ("12", "１２"))
    assert are_twins(a, b, CFG) == 1.0
    assert are_twins(a, b.upper(), CFG) is None


def test_digits_are_compared_as_they_stand_and_han_numerals_are_words():
    assert digits("3² 一 ½ Ⅷ ２a4") == "3²½Ⅷ２4"


def test_texts_too_different_in_length_are_no_twins_even_when_their_shingles_agree():
    assert jaccard("哈" * 40, "哈" * 60) == 1.0
    assert are_twins("哈" * 40, "哈" * 50, CFG) == 1.0
    assert are_twins("哈" * 40, "哈" * 51, CFG) is None


def test_code_moved_in_is_no_twin():
    moved = CODE.replace("        return value + d", "    return value + d")
    assert jaccard(CODE, moved) == 1.0
    assert are_twins(CODE, moved, CFG) is None
    assert are_twins("\n".join(FLAT), "\n".join(line.strip() for line in FLAT), CFG) is None


def test_code_in_another_case_or_width_is_no_twin():
    assert are_twins(CODE, CODE.replace("+ d", "+ D"), CFG) is None
    assert are_twins(CODE, CODE.replace("(", "（"), CFG) is None


def test_code_with_its_lines_in_another_order_is_no_twin():
    lines = CODE.splitlines()
    lines[3:5], lines[5:7] = lines[5:7], lines[3:5]
    assert are_twins(CODE, "\n".join(lines), CFG) is None


def test_code_with_another_line_end_or_an_edited_question_is_a_twin():
    assert are_twins(CODE, CODE.replace("\n", " \r\n"), CFG) == 1.0
    asked = are_twins(CODE, CODE.replace("a beginner, please", "beginners, please"), CFG)
    assert asked is not None
    assert CFG.threshold <= asked < 1


def test_copy_of_code_is_a_twin_whatever_stands_around_it():
    block = CODE.partition("\n")[2]
    assert are_twins(block, "\n" + block.strip() + "  ", CFG) == 1.0


def test_indentation_counts_when_only_one_of_the_texts_has_it():
    nested = "Buy this for the week:\n  - apples and pears\n  - a loaf of bread\n  - coffee"
    flat = nested.replace("  - ", "- ")
    assert not looks_like_code(flat)
    assert are_twins(nested, flat, CFG) is None
    assert are_twins(flat, nested, CFG) is None


def test_caller_may_ask_for_case_to_count():
    assert are_twins(SKY, SKY.upper(), CFG) == 1.0
    assert are_twins(SKY, SKY.upper(), CFG, keep_case=True) is None
    assert are_twins(SKY, SKY.upper().replace("NOON,", "NOON"), CFG, keep_case=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "Fix:\n```\nx\n```",
        "\n".join(FLAT),
        "int main() {\n  return 0;\n}",
        "<ul>\n<li>a</li>\n</ul>",
        "a = 1\nb = 2",
        "What does this struct hold: ```struct Data { int n; };```",
        'Call {"tool": "weather"}',
        "print(max(a, b))\nprint(f(g(x)))",
        "list:\n\t- a\n\t- b",
    ],
)
def test_code_is_seen(text):
    assert looks_like_code(text)


@pytest.mark.parametrize(
    "text",
    [
        SKY,
        "Dear Anna,\n\nthank you (and Tom).\nSee you on Monday; bring the book.\n\nBest, Eve",
        "Question: why?\nAnswer:",
        "请帮我写一封信。\n内容：感谢老师。",
        "",
    ],
)
def test_prose_is_not_taken_for_code(text):
    assert not looks_like_code(text)
