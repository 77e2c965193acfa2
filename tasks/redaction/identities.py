"""Numbers that states give to people."""

import re
from collections.abc import Iterator
from datetime import date

from stdnum.cn import uscc
from stdnum.iso7064 import mod_11_2
from stdnum.kr import rrn
from stdnum.us import ssn

from tasks.redaction.spans import Span
from tasks.redaction.surroundings import follows, is_quantity

_START = r"(?<![0-9A-Za-z])(?<![0-9][.-])"
_STARTED = r"(?<![0-9A-Za-z].)(?<![0-9][.-].)"  # the same behind the first digit: faster to find
_END = r"(?![0-9A-Za-z]|[.-][0-9])"
_PROVINCES = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91)"
_CHINESE_ID = re.compile(
    rf"{_START}{_PROVINCES}[0-9]{{4}}([ -]?)(?:19|20)[0-9]{{6}}\1[0-9]{{3}}[0-9Xx]{_END}"
)
CHINESE_ID_HINT = r"[1-9][0-9]{5}[ -]?(?:19|20)[0-9]{6}[ -]?[0-9]{3}[0-9Xx]"
_KOREAN_RRN = re.compile(rf"([0-9]{_STARTED}[0-9]{{5}})( ?- ?| ?)([1-8])[0-9]{{6}}{_END}")
KOREAN_RRN_HINT = r"[0-9]{6} ?-? ?[1-8][0-9]{6}"
_RRN_WORDS = re.compile(r"주민|등록번호|외국인|resident registration|(?<![a-z])rrn", re.IGNORECASE)
_US_SSN = re.compile(rf"[0-9]{_STARTED}[0-9]{{2}}([ -]?)[0-9]{{2}}\1[0-9]{{4}}{_END}")
US_SSN_HINT = r"[0-9]{3}[ -]?[0-9]{2}[ -]?[0-9]{4}"
_SSN_WORDS = re.compile(r"ssn|social[ -]security|社会安全|社保|사회보장", re.IGNORECASE)
# GB 32100: register and kind of entity, region, 9 of the organisation, check
_CREDIT_CODE = re.compile(
    rf"{_START}(?:1[1239]|2[19]|3[1-59]|4[19]|5[1239]|6[129]|7[129]|8[19]|9[123]|A[19]|N[1239]"
    "|Y1)"
    rf"{_PROVINCES}[0-9]{{4}}[0-9A-HJ-NPQRTUWXY]{{10}}{_END}",
    re.IGNORECASE,
)
CREDIT_CODE_HINT = r"(?i)[1-9any][1-59][0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}"
_CREDIT_CODE_WORDS = re.compile(
    r"信用代码|信用代碼|税号|稅號|纳税人|营业执照|uscc|credit code|tax", re.IGNORECASE
)


def chinese_ids(text: str) -> Iterator[Span]:
    """Yield resident identity numbers (GB 11643): province, birth date and check digit.

    stdnum.cn.ric (python-stdnum 2.2) raises KeyError for Taiwan and refuses districts missing in
    its list, such as Longgang (440307); hence its parts.
    """
    for found in _CHINESE_ID.finditer(text):
        number = re.sub("[ -]", "", found.group()).upper()
        if _is_date(number[6:10], number[10:14]) and mod_11_2.is_valid(number):
            yield found.span()


def credit_codes(text: str) -> Iterator[Span]:
    """Yield unified social credit codes (GB 32100-2015): form, province and check digit.

    One of 31 runs of 18 digits has a right check digit, so digits alone need a word before them.
    """
    for found in _CREDIT_CODE.finditer(text):
        code = found.group()
        is_told = not code.isdigit() or follows(_CREDIT_CODE_WORDS, text, found.start())
        if is_told and uscc.is_valid(code) and not is_quantity(text, found.span()):
            yield found.span()


def korean_rrns(text: str) -> Iterator[Span]:
    """Yield resident registration numbers: a birth date and a digit for century and sex.

    Numbers given since October 2020 have no check digit, so it only decides where neither a
    hyphen nor a word says what the 13 digits are.
    """
    for found in _KOREAN_RRN.finditer(text):
        born, separator, century = found.groups()
        is_born = _is_date(("19" if century in "1256" else "20") + born[:2], born[2:])
        is_form = is_born and ("-" in separator or rrn.is_valid(found.group()))
        if (is_form or follows(_RRN_WORDS, text, found.start())) and not is_quantity(
            text, found.span()
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
