"""Who finds what: every detector by name, in the order that settles ties."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tasks.redaction import credentials, emails, identities, networks, payments, phones
from tasks.redaction.spans import Finder, Span


@dataclass(frozen=True, slots=True)
class Detector:
    """One way to find one kind of private value.

    `hint` is a pattern that is cheap and matches the lower case of every text in which `find`
    finds something. It uses no look-around, so that RE2 and Polars can run it too.
    """

    name: str
    kind: str  # what the placeholder says
    hint: str
    find: Finder


@dataclass(frozen=True, slots=True)
class Find:
    """A private value in a text."""

    kind: str
    span: Span


_DIGITS = "[0-9](?:[^0-9a-z]{0,4}[0-9]){6}"  # seven digits, whatever stands between them
_TOKEN_HEADS = (
    r"sk[-_]|rk_|akia|asia|ltai|akid|gh[pousr]_|github_pat|gl(?:pat|dt|rt|cbt|ptt|ft|soat)-"
    r"|xox[abeoprs]-|xapp-|aiza|ya29|gocspx|hf_|npm_|pypi-|eyj|sg\."
)
_PASSWORD_NAMES = "pass|pw|密码|口令|비밀번호|비번|패스워드"
_PHONE_NAMES = (
    "(?:phone|mobile|cell|tel|fax|whatsapp|call|text|reach"
    "|手机|电话|联系|座机|传真|致电|拨打|폰|전화|연락|팩스)[^0-9]{0,30}[0-9]"
)
DETECTORS = (
    Detector("token", "SECRET", _TOKEN_HEADS, credentials.tokens),
    Detector("private_key", "SECRET", "private key", credentials.private_keys),
    Detector("url_password", "SECRET", "://", credentials.url_passwords),
    Detector("bearer", "SECRET", "bearer|basic", credentials.bearer_tokens),
    Detector("password", "SECRET", _PASSWORD_NAMES, credentials.assigned_passwords),
    Detector("key", "SECRET", "key|token|secret|密钥|令牌|토큰|시크릿", credentials.assigned_keys),
    Detector("email", "EMAIL", "@", emails.emails),
    Detector("chinese_id", "CN_ID", _DIGITS, identities.chinese_ids),
    Detector("korean_rrn", "KR_RRN", _DIGITS, identities.korean_rrns),
    Detector("card", "CARD", _DIGITS, payments.cards),
    Detector("iban", "IBAN", "[a-z]{2}[0-9]{2} ?[0-9a-z]{4}", payments.ibans),
    Detector("us_ssn", "SSN", _DIGITS, identities.us_ssns),
    Detector("national_phone", "PHONE", _DIGITS, phones.national_phones),
    Detector("phone_abroad", "PHONE", r"\+[1-9]", phones.phones_abroad),
    Detector("named_phone", "PHONE", _PHONE_NAMES, phones.named_phones),
    Detector("ip", "IP", r"[0-9]\.[0-9]{1,3}\.[0-9]|[23][0-9a-f]{3}:", networks.ip_addresses),
)
_HINTS = {detector.hint: re.compile(detector.hint) for detector in DETECTORS}
_CANDIDATE = re.compile("|".join(_HINTS))


def find_private(text: str) -> list[Find]:
    """Find the private values of a readable text: in order, none touching another.

    Where finds overlap, one value covers them all, so that no rest of the shorter one stays.
    Its kind is that of the longest find, then the earliest, then the first detector's.
    """
    lower = text.lower()
    if not _CANDIDATE.search(lower):
        return []
    hints = {hint for hint, pattern in _HINTS.items() if pattern.search(lower)}
    hinted = [detector for detector in DETECTORS if detector.hint in hints]
    return merge([Find(each.kind, span) for each in hinted for span in each.find(text)])


def merge(finds: list[Find]) -> list[Find]:
    """Join finds that overlap; ties go to what comes first in `finds`."""
    merged: list[Find] = []
    for group in _overlapping(finds):
        best = min(group, key=lambda find: (find.span[0] - find.span[1], find.span[0]))
        ends = max(find.span[1] for find in group)
        merged.append(Find(best.kind, (group[0].span[0], ends)))
    return merged


def _overlapping(finds: list[Find]) -> Iterator[list[Find]]:
    group: list[Find] = []
    end = 0
    for find in sorted(finds, key=lambda find: find.span[0]):
        if group and find.span[0] >= end:
            yield group
            group, end = [], 0
        group.append(find)
        end = max(end, find.span[1])
    if group:
        yield group
