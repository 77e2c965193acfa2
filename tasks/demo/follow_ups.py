"""Later turns of a chat that lean on earlier ones, such as "and times 3?".

A follow-up is answered by rewriting it into a prompt that stands alone ("12 * 3"), which a skill
can solve. It leans on what the user asked before, never on the logged assistant's answer: that
one may be wrong.
"""

import re
from collections.abc import Sequence
from random import Random

from tasks.demo.languages import Language
from tasks.demo.skills import SKILLS, arithmetic, date_calculation, skill, sorting, unit_conversion
from tasks.demo.skills.skill import plain

_SAY: dict[str, dict[Language, tuple[str, ...]]] = {
    arithmetic.LABEL: {
        "en": ("And times {n}?", "Now plus {n}.", "And minus {n}?"),
        "zh": ("再乘以{n}呢？", "再加{n}呢？", "再减{n}呢？"),
        "ko": ("거기에 곱하기 {n} 하면요?", "거기에 더하기 {n} 하면요?", "거기서 빼기 {n} 하면요?"),
    },
    unit_conversion.LABEL: {
        "en": ("And {n} {unit}?", "The same for {n} {unit}?"),
        "zh": ("那{n}{unit}呢？", "{n}{unit}呢？"),
        "ko": ("그럼 {n}{unit}의 경우는요?", "{n}{unit}도 알려 줘."),
    },
    sorting.LABEL: {
        "en": ("Now the same in descending order.", "And in descending order?"),
        "zh": ("那从大到小呢？", "再按降序排一遍。"),
        "ko": ("이번에는 내림차순으로요.", "큰 수부터는요?"),
    },
    date_calculation.LABEL: {
        "en": ("And {n} days after that?", "And {n} days later?"),
        "zh": ("再过{n}天后呢？", "那之后{n}天呢？"),
        "ko": ("그로부터 {n}일 후는요?", "거기서 {n}일 더 후는요?"),
    },
}
_THANKS: dict[Language, str] = {"en": "Thanks. ", "zh": "谢谢。", "ko": "고마워요. "}
_SHORT = 40  # characters; a longer message says all it needs
_MEMORY = 8  # turns; nobody leans back further
_STEP = re.compile(rf"({arithmetic.OPERATOR})\s*({arithmetic.NUMBER})", re.IGNORECASE)
_VALUE = re.compile(rf"{unit_conversion.VALUE}\s?(?:{unit_conversion.UNIT})", re.IGNORECASE)
_AGAIN = re.compile(r"descending|large to small|从大到小|降序|내림차순|큰 수부터", re.IGNORECASE)
_OPENS = re.compile(r"and |now |the same|再|那|거기|그럼|그로부터|이번|큰 수|\d", re.IGNORECASE)
_LATER = re.compile(
    r"(\d+)\s?(?:days?|天|일)[^\d]*?(?:after|later|后|후)|之后(\d+)天", re.IGNORECASE
)


def follow_up(rng: Random, language: Language, prompt: str) -> tuple[str, str] | None:
    """Say something that leans on `prompt`, with its task type; None where nothing fits.

    Fits a sum, a conversion, a list of numbers in ascending order, or a date asked for.
    """
    label = _label(prompt)
    if label not in _SAY or not _leads_on(label, prompt):
        return None
    unit = _VALUE.search(plain(prompt)) if label == unit_conversion.LABEL else None
    said = rng.choice(_SAY[label][language])
    n = rng.randint(2, 9)
    return said.format(n=n, unit=unit[0].lstrip("0123456789. ") if unit else ""), label


def thanks(prompt: str, language: Language) -> str:
    """Make any prompt a later turn by thanking for the answer before it."""
    return _THANKS[language] + prompt


def _leads_on(label: str, prompt: str) -> bool:
    answer = skill(label).solve(prompt) or ""
    if label == sorting.LABEL:
        return answer.replace(", ", "").isdigit() and not _AGAIN.search(prompt)
    if label == date_calculation.LABEL:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", answer) is not None
    return True


def _label(prompt: str) -> str | None:
    return next((one.label for one in SKILLS if one.solve(prompt) is not None), None)


def solve(turns: Sequence[str]) -> tuple[str, str] | None:
    """Answer the last user turn: (task type, answer), or None where no skill applies.

    `turns` are all user turns, oldest first. A turn that leans on its predecessor is rewritten
    with it, and so on back to a turn that stands alone.
    """
    last = plain(turns[-1])
    for one in SKILLS:
        answer = one.solve(last)
        if answer is not None:
            return one.label, answer
    if len(turns) < 2 or len(last) > _SHORT:
        return None
    alone = _rewritten(last, turns[-_MEMORY:-1])
    return solve([alone]) if alone else None


def _rewritten(last: str, earlier: Sequence[str]) -> str | None:
    before = solve(earlier)
    if before is None:
        return None
    label, answer = before
    if label == arithmetic.LABEL and (step := _STEP.search(last)):
        return f"{answer} {step[0]}"
    if label == unit_conversion.LABEL and (value := _VALUE.search(last)):
        return f"{value[0]} = ? {answer.split()[1]}"
    if label == sorting.LABEL and _AGAIN.search(last):
        return f"descending: {answer}"
    if label == date_calculation.LABEL and (days := _LATER.search(last)):
        return f"{days[1] or days[2]} days after {answer}"
    return None


def looks_like_one(text: str) -> str | None:
    """Guess the task type of a follow-up seen without its chat; None when it looks like none."""
    last = plain(text)
    if len(last) > _SHORT or not _OPENS.match(last):
        return None
    signs = (
        (date_calculation.LABEL, _LATER),
        (sorting.LABEL, _AGAIN),
        (unit_conversion.LABEL, _VALUE),
        (arithmetic.LABEL, _STEP),
    )
    return next((label for label, sign in signs if sign.search(last)), None)
