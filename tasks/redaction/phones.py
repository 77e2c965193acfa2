"""Phone numbers of mainland China, Korea and North America, and all that are called so.

Fictional and mistyped numbers are somebody's as far as a reader can tell, so numbers are judged
by form; phonenumbers decides where the form alone says little: between spaces.
"""

import re
from collections.abc import Iterator

from tasks.redaction.phones_abroad import is_valid
from tasks.redaction.spans import Span
from tasks.redaction.surroundings import is_in_row, is_quantity

NATIONAL_HINT = r"[0-9](?:[ ().-]{0,3}[0-9]){8}"
ACCOUNT_HINT = "[A-Za-z]1[3-9][0-9]{9}"
SPACED_HINT = r"[2-9][0-9]{2}\)? [0-9]{3} [0-9]{4}"
_NAMES = (
    "phone|mobile|cell|tel|fax|whatsapp|call|text|reach|ring |number"
    "|手机|电话|手機|電話|联系|座机|传真|致电|拨打"
    "|폰|전화|연락|팩스"
)
_NAMES_AFTER = "office|mobile|cell|fax|home|work|phone"
NAMED_HINT = rf"(?i){_NAMES}|[0-9] (?:{_NAMES_AFTER})"
_START = r"(?<![0-9A-Za-z+])(?<![0-9][.-])(?<![0-9A-Fa-f]{4}-)"  # nor the last group of a UUID
# Behind the number stands no digit, no rest of a hexadecimal word, and no decimal but the .0
# that a column with gaps leaves on whole numbers.
_END = r"(?![0-9_]|\.(?!0(?![0-9]))[0-9]|[A-Fa-f][0-9A-Fa-f]*(?![0-9A-Za-z]))"
_CHINA = r"(?:(?:\((?:\+|00)?86\)|(?:\+|00)?86)[ -]?)?"
_KOREA = r"(?:(?:\((?:\+|00)?82\)|(?:\+|00)?82)[ .-]?(?:\(0\)|0)?|0)"
_KOREAN_AREA = r"(?:2|3[1-3]|4[1-4]|5[1-5]|6[1-4]|70|80|50[2-8])"
_FORMS = re.compile(
    rf"(?=[0-9(+]){_START}(?:"
    # 13800138000, 138 0013 8000, 1380-013-8000
    rf"{_CHINA}1[3-9][0-9](?:[0-9]{{8}}|([ -])[0-9]{{4}}\1[0-9]{{4}}"
    r"|[0-9]([ -])[0-9]{3}\2[0-9]{4})"
    # 010-62771234, 02112345678, (0755) 1234567, 021-12345678-802
    r"|(?:\(0[0-9]{2,3}\)[ -]?|0(?:10|2[0-9]|[3-9][0-9]{2})[ -]?)[2-8][0-9]{6,7}(?:-[0-9]{1,6})?"
    # 010-1234-5678, 01012345678, +82 10 1234 5678; older 01x only with separators
    rf"|{_KOREA}10[ .-]?[0-9]{{4}}[ .-]?[0-9]{{4}}"
    rf"|{_KOREA}1[16-9][ .-][0-9]{{3,4}}[ .-][0-9]{{4}}"
    # 02-123-4567, 031)123-4567, (02) 1234-5678
    rf"|(?:\(0{_KOREAN_AREA}\) ?|0{_KOREAN_AREA}(?:\) ?|[ .-]))[0-9]{{3,4}}[ .-][0-9]{{4}}"
    # (415) 555-0132, +1-415-555-0132, 415.555.0132x99
    r"|(?:(?:\+|00)?1[ .-]?)?(?:\([2-9][0-9]{2}\)[ .-]?|[2-9][0-9]{2}[.-])[0-9]{3}[.-][0-9]{4}"
    r"(?: ?(?:x|ext\.?) ?[0-9]{1,6})?"
    rf"){_END}"
)
# Accounts named after a phone: wx13800138000, user13800138000; not ord13800138000.
_ACCOUNT = re.compile(
    r"(?<![0-9A-Za-z])(?!(?:ord|order|inv|ref|sku|txn?|[ps]o|[sp]n|no)1)[A-Za-z]{2,12}"
    rf"(1[3-9][0-9]{{9}}){_END}",
    re.IGNORECASE,
)
_SPACED = re.compile(
    rf"(?=[0-9(+]){_START}(?<![0-9] )(?:\+?1 )?"
    r"(?:\([2-9][0-9]{2}\)|[2-9][0-9]{2}) [0-9]{3} [0-9]{4}"
    rf"(?! [0-9]){_END}"
)
_NUMBER = re.compile(rf"[(+]{{0,2}}[0-9](?:[ ().-]{{0,2}}[0-9]){{6,14}}{_END}")
_NAME_BEFORE = re.compile(
    r"(?:(?<![A-Za-z])(?:tele)?(?:phone|mobile|cell|tel|fax|whatsapp)|(?<=[a-hj-z])Phone"
    r"|(?:call|text|reach|ring) (?:me|us|him|her|them)"
    r"|(?:my|our|his|her|their|your|contact) (?=number)"
    r"|手机|电话|手機|電話|联系方式|座机|传真|致电|拨打|휴대폰|핸드폰|휴대전화|전화|연락처|팩스)"
    r"[ _]?(?:numbers?|no\.?|num|#|号码|号|번호)?"
    r"[\s:=.\"'-]{0,4}(?:is|at|on|是|为|는|은|가|이)?[\s:\"']{0,4}\Z",
    re.IGNORECASE,
)
_LOOK_BACK = 48  # characters in which a name and what links it to its number have room
# On business cards and in signatures the word comes last.
_NAMED_AFTER = re.compile(
    rf"(?=[0-9(]){_START}(\(?[0-9](?:[ ().-]{{0,2}}[0-9]){{6,14}}) (?:{_NAMES_AFTER})"
    r"(?![A-Za-z])",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)[0-9]{2}([ ./-]?)[01]?[0-9]\1[0-3]?[0-9]|(?:19|20)[0-9]{2}-20[0-9]{2}"
)


def national_phones(text: str) -> Iterator[Span]:
    """Yield Chinese, Korean and North American numbers, with or without country code."""
    for found in _FORMS.finditer(text):
        if not _is_binary(found.group()):
            yield from _unless_quantity(text, found.span())


def spaced_phones(text: str) -> Iterator[Span]:
    """Yield North American numbers of the form 415 555 0132."""
    for found in _SPACED.finditer(text):
        if is_valid(found.group(), "US"):
            yield from _unless_quantity(text, found.span())


def account_phones(text: str) -> Iterator[Span]:
    """Yield the Chinese number in the name of an account: wx13800138000."""
    return (found.span(1) for found in _ACCOUNT.finditer(text))


def named_phones(text: str) -> Iterator[Span]:
    """Yield any 7 to 15 digits that are called a phone number, dates excepted."""
    for found in _NUMBER.finditer(text):
        start = found.start()
        is_named = _NAME_BEFORE.search(text, max(0, start - _LOOK_BACK), start)
        if is_named and not _DATE.match(found.group()):
            yield found.span()
    for found in _NAMED_AFTER.finditer(text):
        if not _DATE.match(found.group(1)):
            yield found.span(1)


def _is_binary(number: str) -> bool:
    return set(number) <= {"0", "1"}


def _unless_quantity(text: str, span: Span) -> Iterator[Span]:
    is_row = text[span[0]] not in "0+(" and is_in_row(text, span)
    if span[0] < span[1] and not is_row and not is_quantity(text, span):
        yield span
