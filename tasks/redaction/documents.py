"""Numbers of documents and accounts that only their name gives away."""

import re
from collections.abc import Iterator

from tasks.redaction.spans import Span

_NUMBER_WORD = r"(?: ?(?:numbers?|no\.?|num|nr|#|号码|号|번호))?"
_LINK = r"[\s:=#\"'_-]{0,4}(?:is|was|是|为|為|는|은|이|가)?[\s:=#\"']{0,4}"
_END = r"(?![0-9A-Za-z]|[.-][0-9])"
_PASSPORTS = r"(?:passport|护照|護照|여권)"
_LICENCES = r"(?:driv(?:er|ing)(?:'?s)?[ _-]?licen[cs]e|驾驶证|驾照|駕照|운전면허(?:증)?)"
_ACCOUNTS = (
    r"(?:bank account|account (?:number|no\.?)|a/c no\.?"
    r"|银行卡|银行账[号户]|銀行帳號|开户账号|收款账[号户]"
    r"|계좌|통장)"
)
PASSPORT_HINT, LICENCE_HINT, ACCOUNT_HINT = (
    f"(?i){names}" for names in (_PASSPORTS, _LICENCES, _ACCOUNTS)
)
# ICAO 9303 allows nine letters and digits; these are the forms that states use
_PASSPORT = re.compile(
    rf"{_PASSPORTS}{_NUMBER_WORD}{_LINK}"
    rf"((?=[A-Z0-9]{{0,4}}[0-9])[A-Z]{{0,2}}[0-9]{{6,9}}|[A-Z][0-9]{{3}}[A-Z][0-9]{{4}}){_END}",
    re.IGNORECASE,
)
_LICENCE = re.compile(
    rf"{_LICENCES}{_NUMBER_WORD}{_LINK}"
    rf"([0-9]{{2}}-[0-9]{{2}}-[0-9]{{6}}-[0-9]{{2}}|[A-Z]{{0,2}}[0-9]{{6,14}}"
    rf"|[A-Z][0-9]{{3}}(?:-[0-9]{{3,4}}){{2,4}}|[A-Z]{{5}}[0-9]{{6}}[A-Z0-9]{{5}}){_END}",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(
    rf"{_ACCOUNTS}{_NUMBER_WORD}{_LINK}(?:[가-힣]{{2,6}}(?:은행|뱅크)? )?"
    rf"([0-9](?:[ -]?[0-9]){{7,19}}){_END}",
    re.IGNORECASE,
)
_DATE = re.compile(r"(?:19|20)[0-9]{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12][0-9]|3[01])\Z")


def passports(text: str) -> Iterator[Span]:
    """Yield what is called a passport number, dates excepted."""
    return _named(_PASSPORT, text)


def driving_licences(text: str) -> Iterator[Span]:
    """Yield what is called the number of a driving licence."""
    return _named(_LICENCE, text)


def bank_accounts(text: str) -> Iterator[Span]:
    """Yield what is called the number of a bank account."""
    return _named(_ACCOUNT, text)


def _named(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    for found in pattern.finditer(text):
        if not _DATE.match(found.group(1)):
            yield found.span(1)
