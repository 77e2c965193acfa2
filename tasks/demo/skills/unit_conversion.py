"""Lengths, weights, volumes and times in another unit; the answer is number and symbol."""

import re
from fractions import Fraction
from random import Random

from tasks.demo.languages import Language
from tasks.demo.skills.skill import Example, number, one_of, plain

LABEL = "maths/unit_conversion"

_SIZE = {  # symbol -> what it measures, how many of the smallest unit
    **{"km": ("length", 1_000_000), "m": ("length", 1_000), "cm": ("length", 10)},
    **{"mm": ("length", 1), "kg": ("weight", 1_000), "g": ("weight", 1)},
    **{"l": ("volume", 1_000), "ml": ("volume", 1)},
    **{"h": ("time", 3_600), "min": ("time", 60), "s": ("time", 1)},
}
_PAIRS = (
    *(("km", "m"), ("m", "cm"), ("cm", "mm"), ("kg", "g")),
    *(("l", "ml"), ("h", "min"), ("min", "s")),
)
_NAMES: dict[Language, dict[str, str]] = {
    "en": {
        **{"kilometres": "km", "metres": "m", "centimetres": "cm", "millimetres": "mm"},
        **{"kilograms": "kg", "grams": "g", "litres": "l", "millilitres": "ml"},
        **{"hours": "h", "minutes": "min", "seconds": "s"},
    },
    "zh": {
        **{"公里": "km", "米": "m", "厘米": "cm", "毫米": "mm", "公斤": "kg", "克": "g"},
        **{"升": "l", "毫升": "ml", "小时": "h", "分钟": "min", "秒": "s"},
    },
    "ko": {
        **{"킬로미터": "km", "미터": "m", "센티미터": "cm", "밀리미터": "mm"},
        **{"킬로그램": "kg", "그램": "g", "리터": "l", "밀리리터": "ml"},
        **{"시간": "h", "분": "min", "초": "s"},
    },
}
_ASK: dict[Language, tuple[str, ...]] = {
    "en": (
        *("Convert {v} {a} to {b}.", "How many {b} are in {v} {a}?", "{v} {a} in {b}?"),
        "What is {v} {a} in {b}?",
    ),
    "zh": ("{v}{a}是多少{b}？", "把{v}{a}换算成{b}", "{v}{a}等于多少{b}？", "{v}{a}转换为{b}"),
    "ko": (
        *("{v}{a} 몇 {b}예요?", "{v}{a}, {b} 단위로 바꿔 줘", "{b} 단위로 변환: {v}{a}"),
        "{v}{a} = 몇 {b}?",
    ),
}
_SYMBOL_OF = (
    {symbol: symbol for symbol in _SIZE}
    | {name: symbol for names in _NAMES.values() for name, symbol in names.items()}
    | {"kilometers": "km", "meters": "m", "centimeters": "cm", "liters": "l", "hour": "h"}
    | {"minute": "min", "千米": "km", "千克": "kg", "分": "min"}
)
UNIT = one_of(_SYMBOL_OF)
VALUE = r"\d+(?:\.\d+)?"
_MENTION = re.compile(rf"({VALUE})?\s?({UNIT})", re.IGNORECASE)
_CUE = re.compile(
    r"convert|how many|what is|(?<![a-z])in(?![a-z])|=|多少|换算|转换|몇|바꿔|바꾸|변환|단위",
    re.IGNORECASE,
)


def example(rng: Random, language: Language) -> Example:
    """Ask for a value in the next larger or smaller unit; both sides are short decimals."""
    big, small = rng.choice(_PAIRS)
    factor = _SIZE[big][1] // _SIZE[small][1]
    value = Fraction(rng.randint(4, 80), 2) if rng.random() < 0.3 else Fraction(rng.randint(1, 99))
    if rng.random() < 0.6:
        source, target, given, answer = big, small, value, value * factor
    else:
        source, target, given, answer = small, big, value * factor, value
    ask = rng.choice(_ASK[language])
    shown = {"v": number(given), "a": _shown(source, language, rng)}
    prompt = ask.format(b=_shown(target, language, rng), **shown)
    return Example(prompt, f"{number(answer)} {target}")


def _shown(symbol: str, language: Language, rng: Random) -> str:
    if rng.random() < 0.3:
        return symbol
    return next(name for name, meant in _NAMES[language].items() if meant == symbol)


def solve(prompt: str) -> str | None:
    """Find a value with a unit and a second unit that measures the same thing."""
    text = plain(prompt)
    if not _CUE.search(text):
        return None
    mentions = [(value, _SYMBOL_OF[unit.lower()]) for value, unit in _MENTION.findall(text)]
    given = next(((value, unit) for value, unit in mentions if value), None)
    target = next((unit for value, unit in mentions if not value), None)
    if given is None or target is None or _SIZE[given[1]][0] != _SIZE[target][0]:
        return None
    value, source = given
    return f"{number(Fraction(value) * _SIZE[source][1] / _SIZE[target][1])} {target}"
