"""Sums, differences, products and quotients of small numbers; the answer is just the number."""

import re
from fractions import Fraction
from random import Random

from tasks.demo.languages import Language
from tasks.demo.skills.skill import Example, number, plain

LABEL = "maths/arithmetic"

_ASK: dict[Language, tuple[str, ...]] = {
    "en": ("What is {}?", "Calculate {}.", "{} = ?", "How much is {}?", "Work out {}."),
    "zh": ("{}等于多少？", "计算{}", "{} = ?", "算一下{}是多少", "{}的结果是？"),
    "ko": ("{}의 값은?", "{} 계산해 줘", "{} = ?", "{} 얼마예요?", "계산해 주세요: {}"),
}
_SPOKEN: dict[Language, dict[str, str]] = {
    "en": {"+": " plus ", "-": " minus ", "×": " times ", "÷": " divided by "},
    "zh": {"+": "加", "-": "减", "×": "乘以", "÷": "除以"},
    "ko": {"+": " 더하기 ", "-": " 빼기 ", "×": " 곱하기 ", "÷": " 나누기 "},
}
_MEANING = {
    **{"+": "+", "-": "-", "−": "-", "×": "*", "*": "*", "÷": "/", "/": "/"},
    **{"plus": "+", "minus": "-", "times": "*", "divided by": "/"},
    **{"加": "+", "加上": "+", "减": "-", "减去": "-", "乘": "*", "乘以": "*", "除以": "/"},
    **{"더하기": "+", "빼기": "-", "곱하기": "*", "나누기": "/"},
}
NUMBER = r"\d+(?:\.\d+)?"
# A hyphen or slash counts only between spaces: 2026-03-02, 010-1234 and 24/7 are no sums.
OPERATOR = (
    r"\+|(?<=\s)[-/](?=\s)|[×*÷−]|plus|minus|times|divided by"
    r"|加上?|减去?|乘以?|除以|더하기|빼기|곱하기|나누기"
)
_EXPRESSION = re.compile(
    rf"(?<![\d.])(-?{NUMBER})((?:\s*(?:{OPERATOR})\s*-?{NUMBER})+)", re.IGNORECASE
)
_STEP = re.compile(rf"({OPERATOR})\s*(-?{NUMBER})", re.IGNORECASE)


def example(rng: Random, language: Language) -> Example:
    """Ask for one operation on two numbers, or for three numbers where × goes first."""
    signs, numbers, value = _three_numbers(rng) if rng.random() < 0.15 else _two_numbers(rng)
    spoken = _SPOKEN[language] if rng.random() < 0.4 else {}
    words = [str(numbers[0])]
    for sign, operand in zip(signs, numbers[1:], strict=True):
        words += [spoken.get(sign, f" {sign} "), str(operand)]
    return Example(rng.choice(_ASK[language]).format("".join(words)), str(value))


def _two_numbers(rng: Random) -> tuple[str, list[int], int]:
    sign = rng.choice("++--×÷")
    if sign in "+-":
        a, b = rng.randint(1, 60), rng.randint(1, 60)
        return sign, [a, b], a + b if sign == "+" else a - b
    a, b = rng.randint(2, 20), rng.randint(2, 12)
    return (sign, [a, b], a * b) if sign == "×" else (sign, [a * b, b], a)


def _three_numbers(rng: Random) -> tuple[str, list[int], int]:
    a, b, c = rng.randint(1, 30), rng.randint(2, 9), rng.randint(2, 9)
    sign = rng.choice("+-")
    return sign + "×", [a, b, c], a + b * c if sign == "+" else a - b * c


def solve(prompt: str) -> str | None:
    """Compute the first expression in the text, products before sums."""
    found = _EXPRESSION.search(plain(prompt))
    if found is None:
        return None
    steps = [(_MEANING[sign.lower()], Fraction(b)) for sign, b in _STEP.findall(found[2])]
    value = _evaluate(Fraction(found[1]), steps)
    return None if value is None else number(value)


def _evaluate(first: Fraction, steps: list[tuple[str, Fraction]]) -> Fraction | None:
    terms = [first]
    for sign, operand in steps:
        if sign == "/" and operand == 0:
            return None
        if sign in "+-":
            terms.append(operand if sign == "+" else -operand)
        else:
            terms[-1] = terms[-1] * operand if sign == "*" else terms[-1] / operand
    return sum(terms, Fraction(0))
