"""Short lists of numbers or words, put in order; the answer is the list with commas."""

import re
from random import Random

from tasks.demo.languages import Language
from tasks.demo.skills.skill import Example, plain

LABEL = "reasoning/sorting"

_UP: dict[Language, tuple[str, ...]] = {
    "en": ("Sort ascending: {}", "Sort small to large: {}", "Ascending order: {}"),
    "zh": ("从小到大排序：{}", "按升序排列：{}", "升序：{}"),
    "ko": ("오름차순으로 정렬: {}", "작은 수부터 정렬해 줘: {}", "오름차순: {}"),
}
_DOWN: dict[Language, tuple[str, ...]] = {
    "en": ("Sort descending: {}", "Sort large to small: {}", "Descending order: {}"),
    "zh": ("从大到小排序：{}", "按降序排列：{}", "降序：{}"),
    "ko": ("내림차순으로 정렬: {}", "큰 수부터 정렬해 줘: {}", "내림차순: {}"),
}
_WORDS_UP: dict[Language, tuple[str, ...]] = {
    "en": ("Sort alphabetically: {}", "Put in alphabetical order: {}"),
    "zh": ("按字母顺序排序：{}", "按字母顺序排列：{}"),
    "ko": ("가나다순으로 정렬: {}", "가나다순으로 정렬해 줘: {}"),
}
_WORDS: dict[Language, str] = {
    "en": "apple bread cat door egg fish goat hat ink jam kite lime moon nut owl pear rose sun",
    "zh": "apple bread cat door egg fish goat hat ink jam kite lime moon nut owl pear rose sun",
    "ko": "가방 나무 다리 라면 모자 바다 사과 오리 자두 차표 커피 토끼 포도 하늘 기차 노래",
}
_DIGITS = range(1, 10)
_DESCENDING = re.compile(
    r"descending|large to small|largest first|reverse|降序|从大到小|내림차순|큰 수부터",
    re.IGNORECASE,
)
_CUE = re.compile(
    r"sort|order|ascending|排序|排列|升序|从小到大|정렬|오름차순|가나다", re.IGNORECASE
)
_ITEM = re.compile(r"-?\d+|[A-Za-z]+|[가-힣]+|[\u4e00-\u9fff]+")


def example(rng: Random, language: Language) -> Example:
    """Ask for three digits in order, now and then for more or longer numbers or for words."""
    luck = rng.random()
    if luck < 0.03:
        words = rng.sample(_WORDS[language].split(), 3)
        return _example(rng.choice(_WORDS_UP[language]), words, sorted(words))
    is_long = luck < 0.05
    numbers = rng.sample(range(1, 100), rng.randint(3, 5)) if is_long else rng.sample(_DIGITS, 3)
    down = rng.random() < 0.4
    ask = rng.choice((_DOWN if down else _UP)[language])
    ordered = sorted(numbers, reverse=down)
    return _example(ask, [str(n) for n in numbers], [str(n) for n in ordered])


def _example(ask: str, items: list[str], ordered: list[str]) -> Example:
    return Example(ask.format(", ".join(items)), ", ".join(ordered))


def solve(prompt: str) -> str | None:
    """Sort what follows the last colon: by value if all are numbers, else by code point."""
    text = plain(prompt)
    descending = bool(_DESCENDING.search(text))
    items = listed(text)
    if not items or not (descending or _CUE.search(text)):
        return None
    numeric = all(re.fullmatch(r"-?\d+", item) for item in items)
    ordered = sorted(items, key=int, reverse=descending) if numeric else sorted(items)
    if descending and not numeric:
        ordered.reverse()
    return ", ".join(ordered)


def listed(text: str) -> list[str]:
    """Split the list after the last colon; empty when there are not at least two items.

    The last item may be followed by other words, such as thanks.
    """
    *items, last = (item.strip() for item in re.split(r"[,、]", text.rpartition(":")[2]))
    end = _ITEM.match(last)
    whole = items and all(_ITEM.fullmatch(item) for item in items)
    return [*items, end[0]] if whole and end else []
