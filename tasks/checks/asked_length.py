"""Where a length was asked for, in words or characters: does the answer keep to it?"""

import re
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from schemas.settings import CheckSettings
from tasks.checks.check import Answered, gated
from tasks.checks.numbers import DIGITS, EN, KO, ZH, value

How = Literal["at most", "at least", "exactly", "about"]

_FEWEST = 5  # "one word" is a form, and a 四字成语 no length
_EN_UNIT = r"[- ]?(?P<unit>words?|characters?|chars?|letters)\b"
_EN_MOST = (
    r"(?:at most|no more than|not more than|no longer than|not exceed(?:ing)?"
    r"|(?:a )?max(?:imum)?(?: of)?"
    r"|up to|under|less than|fewer than|within|below|limit(?:ed)?(?: \w+){0,4} to|in)"
)
_EN_LEAST = (
    r"(?:at least|no (?:less|fewer) than|not less than|(?:a )?min(?:imum)?(?: of)?"
    r"|(?<!no )(?<!not )more than|over)"
)
_EN_ABOUT = r"(?:about|around|approximately|roughly|some|circa|nearly|almost)"
_PATTERNS: tuple[tuple[How, str], ...] = (
    ("exactly", rf"(?:exactly|precisely) (?P<n>{EN}){_EN_UNIT}"),
    ("about", rf"{_EN_ABOUT} (?P<n>{EN}){_EN_UNIT}"),
    ("at least", rf"{_EN_LEAST} (?P<n>{EN}){_EN_UNIT}"),
    ("at most", rf"{_EN_MOST} (?P<n>{EN}){_EN_UNIT}(?! or more)"),
    ("at most", rf"(?P<n>{EN}){_EN_UNIT} (?:or (?:less|fewer)|max(?:imum)?|at most|limit|tops)"),
    ("at least", rf"(?P<n>{EN}){_EN_UNIT} (?:or more|at least|min(?:imum)?)"),
    (
        "about",
        rf"\ban? (?P<n>{EN})[- ](?P<unit>word|character) (?:essay|story|summary|article|paragraph"
        r"|description|review|letter|speech|post|text|bio|blog|report|introduction|answer"
        r"|overview)",
    ),
    (
        "at most",
        rf"(?:不超过|不多于|(?<![不得能可])少于|最多|不得超过|不要超过|控制在|限制?在?|小于"
        rf"|至多)\s?(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)(?!左右|以上)",
    ),
    ("at most", rf"(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)(?:以内|之内|以下|内)"),
    (
        "at least",
        rf"(?:至少|不[得能可]?少于|不低于|最少|(?<![不要得能别])超过"
        rf"|(?<![不])多于)\s?(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)",
    ),
    ("at least", rf"(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)以上"),
    ("about", rf"(?:大约|大概|约|差不多)\s?(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)"),
    ("about", rf"(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)(?:左右|上下)"),
    ("exactly", rf"(?:正好|恰好|刚好|必须是|严格)\s?(?P<n>{ZH})\s?个?(?P<unit>字符?|汉字|单词)"),
    (
        "at most",
        rf"(?P<n>{KO})\s?(?P<unit>글자|자|단어)\s?(?:이내|이하|미만|안(?:으로|에|쪽)|내로"
        rf"|를? ?넘지|을? ?넘지)",
    ),
    ("at most", rf"(?:최대|많아야)\s?(?P<n>{KO})\s?(?P<unit>글자|자|단어)"),
    ("at least", rf"(?P<n>{KO})\s?(?P<unit>글자|자|단어)\s?이상"),
    ("at least", rf"(?:최소|적어도)\s?(?P<n>{KO})\s?(?P<unit>글자|자|단어)"),
    ("about", rf"(?:약|대략)\s?(?P<n>{KO})\s?(?P<unit>글자|자|단어)"),
    ("about", rf"(?P<n>{KO})\s?(?P<unit>글자|자|단어)\s?(?:정도|내외|가량|쯤|안팎)"),
    ("exactly", rf"(?:정확히|딱)\s?(?P<n>{KO})\s?(?P<unit>글자|자|단어)"),
)
_RANGE = re.compile(
    rf"(?P<n>{EN}) ?(?:-|–|to|and|~) ?(?P<m>{EN}){_EN_UNIT}"
    rf"|(?P<n2>{ZH})\s?[字]?(?:-|–|~|～|至|到)\s?(?P<m2>{ZH})\s?个?(?P<unit2>字符?|汉字|单词)"
    rf"|(?P<n3>{DIGITS})\s?자?(?:-|–|~|～|에서)\s?(?P<m3>{DIGITS})\s?(?P<unit3>글자|자|단어)",
    re.IGNORECASE,
)
_READ = tuple((how, re.compile(pattern, re.IGNORECASE)) for how, pattern in _PATTERNS)
_WORD_UNITS = ("word", "words", "单词", "단어")
# A Han sign is a word, as word processors count it.
_HAN_WORD = re.compile(r"[一-鿿぀-ヿ]|[^\W_]+(?:['’\-][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Length:
    """A length that was asked for."""

    how: How
    most: int
    unit: str
    place: tuple[int, int] = field(compare=False)  # of the number, in the text

    def missed(self, counts: tuple[int, int], slack: float) -> bool:
        """Say whether no way of counting makes an answer keep to it; `about` has some slack."""
        low, high = counts
        if self.how == "at most":
            return low > self.most
        if self.how == "at least":
            return high < self.most
        if self.how == "exactly":
            return not low <= self.most <= high
        return high < self.most * (1 - slack) or low > self.most * (1 + slack)


def _speaks_of_length(cfg: CheckSettings) -> pl.Expr:
    units = (
        r"(?i)(?:words?|char(?:acter)?s?|letters)\b"
        r"|[\d一二三四五六七八九十百千两]\s?个?[字单]|字[符以之左内]|汉字|\d\s?(?:글자|자|단어)"
        r"|[한두세네섯덟홉곱열]\s?(?:글자|단어)|[백천십]\s?자"
    )
    return pl.col("prompt").str.contains(units)


@gated(_speaks_of_length)
def length_missed(row: Answered, cfg: CheckSettings) -> str | None:
    """Find answers that are longer or shorter than what was asked for."""
    for asked in asked_lengths(row.instructions):
        low, high = lengths(row.answer, asked.unit)
        if asked.missed((low, high), cfg.length_slack):
            unit = "words" if asked.unit in _WORD_UNITS else "characters"
            return f"{asked.how} {asked.most} {unit} were asked for; the answer has {low}"
    return None


def asked_lengths(text: str) -> list[Length]:
    """Return every length that a text asks for; one that can be read in two ways counts once."""
    found: dict[int, Length] = {}
    for match in _RANGE.finditer(text):
        low, high, unit = (name for name, said in match.groupdict().items() if said is not None)
        ends: tuple[tuple[How, str], ...] = (("at least", low), ("at most", high))
        for how, name in ends:
            asked = Length(how, value(match[name]), match[unit].casefold(), match.span(name))
            found[match.start(name)] = asked
    taken = [match.span() for match in _RANGE.finditer(text)]
    for how, pattern in _READ:
        for match in pattern.finditer(text):
            in_range = any(start <= match.start("n") < end for start, end in taken)
            least = 2 if how == "exactly" else _FEWEST
            if not in_range and value(match["n"]) >= least:
                asked = Length(how, value(match["n"]), match["unit"].casefold(), match.span("n"))
                found.setdefault(match.start("n"), asked)
    return list(found.values())


def lengths(text: str, unit: str) -> tuple[int, int]:
    """Return the least and the greatest length of a text, by the usual ways of counting."""
    plain = re.sub(r"[*_#`>|]", "", text)
    if unit in _WORD_UNITS:
        ways = [len(plain.split()), len(_HAN_WORD.findall(plain))]
        return min(ways), max(*ways, len(re.findall(r"[^\W_]+", plain)))
    if unit in {"字", "汉字"}:
        return len(_HAN_WORD.findall(plain)), len(plain.strip())
    return len(re.sub(r"\s", "", plain)), len(text.strip())
