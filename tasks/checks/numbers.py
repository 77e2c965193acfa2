"""Numbers as people write them, in digits and in words, in English, Chinese and Korean."""

import contextlib
import re

_EN = {
    **dict(
        zip(
            ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"],
            range(1, 11),
            strict=True,
        )
    ),
    **{"eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40},
    **{"fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "a hundred": 100},
    **{"one hundred": 100, "two hundred": 200, "three hundred": 300, "five hundred": 500},
    **{"a dozen": 12, "a single": 1, "a couple of": 2},
}
_KO = dict(
    zip(
        ["한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉", "열"],
        range(1, 11),
        strict=True,
    )
)
_KO |= {"오십": 50, "백": 100, "이백": 200, "삼백": 300, "오백": 500, "천": 1_000}
_HAN = dict(zip("零〇一二三四五六七八九两", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True))
_TENS = {"十": 10, "百": 100, "千": 1_000}

DIGITS = r"(?<!\d)(?:\d{1,3}(?:,\d{3})+|\d{1,7})(?!\d)"
_EN_WORDS = rf"\b(?:{'|'.join(sorted(_EN, key=len, reverse=True))})\b"
EN = rf"(?:{DIGITS}|{_EN_WORDS})"
ZH = rf"(?:{DIGITS}|[{''.join(_HAN)}{''.join(_TENS)}万]+)"
KO = rf"(?:{DIGITS}|{'|'.join(sorted(_KO, key=len, reverse=True))})"


def value(text: str) -> int:
    """Return what a match of DIGITS, EN, ZH or KO stands for.

    Raises:
        ValueError: it is none of them.
    """
    known = text.strip().casefold()
    plain = known.replace(",", "")
    if plain.isdecimal():
        return int(plain)
    if known in _EN or known in _KO:
        return {**_EN, **_KO}[known]
    return _chinese(known)


def _chinese(text: str) -> int:
    """Read 三, 十二, 两百, 一千五百, 三万."""
    above, _, below = text.rpartition("万")
    if above:
        return _chinese(above) * 10_000 + (_chinese(below) if below else 0)
    total, digit = 0, 0
    for sign in below:
        if sign in _TENS:
            total, digit = total + (digit or 1) * _TENS[sign], 0
        elif sign in _HAN:
            digit = _HAN[sign]
        else:
            raise ValueError(f"{text!r} is no number")
    return total + digit


_FIGURE = re.compile(r"\d+(?:[,，]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_SCALE = {"万": 1e4, "亿": 1e8, "만": 1e4, "억": 1e8, "천": 1e3, "千": 1e3}
_WORD_SCALE = re.compile(r"\s?(?:(thousand|k\b)|(million|m\b)|(billion|bn\b))", re.IGNORECASE)
_WORDS = re.compile(
    rf"{_EN_WORDS}|[{''.join(_HAN)}{''.join(_TENS)}万]+|(?:{'|'.join(_KO)})(?=\s?[가-힣])",
    re.IGNORECASE,
)


def figures(text: str) -> dict[str, float]:
    """Return the numbers that a text has in digits: as written, and their value."""
    return {m[0]: float(m[0].replace(",", "").replace("，", "")) for m in _FIGURE.finditer(text)}


def known_numbers(text: str) -> set[float]:
    """Return every number that a text may be said to hold: digits, scaled ones, and words."""
    found = set()
    for match in _FIGURE.finditer(text):
        found |= readings(match[0], text[match.end() : match.end() + 12])
    for match in _WORDS.finditer(text):
        with contextlib.suppress(ValueError):
            found.add(float(value(match[0])))
    return found


def readings(written: str, after: str) -> set[float]:
    """Return what digits may stand for, given the text after them: 1.2万, 3 million."""
    number = float(written.replace(",", "").replace("，", ""))
    scaled = {number, round(number * _SCALE.get(after.lstrip()[:1], 1), 6)}
    if match := _WORD_SCALE.match(after):
        scaled.add(round(number * 1_000 ** (match.lastindex or 0), 6))
    return scaled
