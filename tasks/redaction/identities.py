"""Numbers that states give to people."""

import re
from collections.abc import Iterator
from datetime import date

from stdnum.iso7064 import mod_11_2
from stdnum.kr import rrn
from stdnum.us import ssn

from tasks.redaction.spans import Span
from tasks.redaction.surroundings import follows, is_quantity

_START = r"(?<![0-9A-Za-z])(?<![0-9][.-])"
_END = r"(?![0-9A-Za-z]|[.-][0-9])"
_PROVINCES = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"
_CHINESE_ID = re.compile(
    rf"{_START}{_PROVINCES}[0-9]{{4}}([ -]?)(?:19|20)[0-9]{{6}}\1[0-9]{{3}}[0-9Xx]{_END}"
)
_KOREAN_RRN = re.compile(rf"{_START}([0-9]{{6}})( ?- ?| ?)([1-8])[0-9]{{6}}{_END}")
_RRN_WORDS = re.compile(r"주민|등록번호|외국인|resident registration|(?<![a-z])rrn", re.IGNORECASE)
_US_SSN = re.compile(rf"{_START}[0-9]{{3}}([ -]?)[0-9]{{2}}\1[0-9]{{4}}{_END}")
_SSN_WORDS = re.compile(r"ssn|social[ -]security|社会安全|社保|사회보장", re.IGNORECASE)


def chinese_ids(text: str) -> Iterator[Span]:
    """Yield resident identity numbers (GB 11643): province, birth date and check digit.

    stdnum.cn.ric (python-stdnum 2.2) raises KeyError for Taiwan and refuses districts missing in
    its list, such as Longgang (440307); hence its parts.
    """
    for found in _CHINESE_ID.finditer(text):
        number = re.sub("[ -]", "", found.group()).upper()
        if _is_date(number[6:10], number[10:14]) and mod_11_2.is_valid(number):
            yield found.span()


def korean_rrns(text: str) -> Iterator[Span]:
    """Yield resident registration numbers: a birth date and a digit for century and sex.

    Numbers given since October 2020 have no check digit, so it only decides where neither a
    hyphen nor a word says what the 13 digits are.
    """
    for found in _KOREAN_RRN.finditer(text):
        born, separator, century = found.groups()
        is_born = _is_date(("19" if century in "1256" else "20") + born[:2], born[2:])
        is_named = "-" in separator or follows(_RRN_WORDS, text, found.start())
        if (
            is_born
            and (is_named or rrn.is_valid(found.group()))
            and not is_quantity(text, found.span())
        ):
            yield found.span()


def us_ssns(text: str) -> Iterator[Span]:
    """Yield social security numbers; without hyphens only where a word says what they are."""
    for found in _US_SSN.finditer(text):
        digits = re.sub("[ -]", "", found.group())
        is_named = follows(_SSN_WORDS, text, found.start())
        is_hyphenated = found.group(1) == "-" and not is_quantity(text, found.span())
        if ssn.is_valid(digits) and (is_named or is_hyphenated):
            yield found.span()


def _is_date(year: str, month_day: str) -> bool:
    try:
        date(int(year), int(month_day[:2]), int(month_day[2:]))
    except ValueError:
        return False
    return True
