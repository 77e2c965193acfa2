"""Who finds what: every detector by name, in the order that settles ties."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tasks.redaction import (
    connections,
    credentials,
    documents,
    emails,
    encoded,
    identities,
    issuers,
    networks,
    payments,
    phones,
    phones_abroad,
    private_keys,
    wallets,
)
from tasks.redaction.hints import Hints
from tasks.redaction.readable import HIDING, Readable
from tasks.redaction.spans import Finder, Span


@dataclass(frozen=True, slots=True)
class Detector:
    """One way to find one kind of private value.

    `hint` is a pattern that is cheap and matches every text in which `find` finds something.
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


def _holds_private(text: str) -> bool:
    return bool(find_private(Readable(text).text))


def _secret(name: str, hint: str, find: Finder) -> Detector:
    return Detector(name, "SECRET", hint, find)


DETECTORS = (
    *(_secret(name, body, issuers.form(body)) for name, body in issuers.FORMS.items()),
    _secret("aws_secret", issuers.FORMS["aws_key_id"], issuers.aws_secrets),
    _secret("private_key", private_keys.HINT, private_keys.private_keys),
    _secret("url_password", connections.URL_HINT, connections.url_passwords),
    _secret("connection", connections.CONNECTION_HINT, connections.connection_passwords),
    _secret("command", connections.COMMAND_HINT, connections.command_passwords),
    _secret("header", connections.HEADER_HINT, connections.header_tokens),
    _secret("session", connections.COOKIE_HINT, connections.session_tokens),
    _secret("password", credentials.PASSWORD_HINT, credentials.assigned_passwords),
    _secret("key", credentials.KEY_HINT, credentials.assigned_keys),
    _secret("seed_phrase", credentials.PHRASE_HINT, credentials.seed_phrases),
    _secret("wallet_key", wallets.HINT, wallets.wallet_keys),
    Detector("wallet", "WALLET", wallets.HINT, wallets.wallet_addresses),
    Detector("email", "EMAIL", emails.HINT, emails.emails),
    Detector("chinese_id", "CN_ID", identities.CHINESE_ID_HINT, identities.chinese_ids),
    Detector("credit_code", "CN_USCC", identities.CREDIT_CODE_HINT, identities.credit_codes),
    Detector("korean_rrn", "KR_RRN", identities.KOREAN_RRN_HINT, identities.korean_rrns),
    Detector("card", "CARD", payments.CARD_HINT, payments.cards),
    Detector("iban", "IBAN", payments.IBAN_HINT, payments.ibans),
    Detector("us_ssn", "SSN", identities.US_SSN_HINT, identities.us_ssns),
    Detector("passport", "PASSPORT", documents.PASSPORT_HINT, documents.passports),
    Detector("licence", "LICENCE", documents.LICENCE_HINT, documents.driving_licences),
    Detector("account", "ACCOUNT", documents.ACCOUNT_HINT, documents.bank_accounts),
    Detector("national_phone", "PHONE", phones.NATIONAL_HINT, phones.national_phones),
    Detector("spaced_phone", "PHONE", phones.SPACED_HINT, phones.spaced_phones),
    Detector("account_phone", "PHONE", phones.ACCOUNT_HINT, phones.account_phones),
    Detector("phone_abroad", "PHONE", phones_abroad.PLUS_HINT, phones_abroad.phones_abroad),
    Detector(
        "phone_of_country", "PHONE", phones_abroad.COUNTRY_HINT, phones_abroad.phones_of_countries
    ),
    Detector("named_phone", "PHONE", phones.NAMED_HINT, phones.named_phones),
    Detector("ip", "IP", networks.HINT, networks.ip_addresses),
    Detector("encoded", "ENCODED", encoded.HINT, encoded.hidden(_holds_private)),
)
KINDS = frozenset(detector.kind for detector in DETECTORS)
_HINTS = Hints([*(detector.hint for detector in DETECTORS), HIDING])
_HIDING = len(DETECTORS)  # the number of the pattern of what hides a value from the hints
# In JSON text a name and its value stand apart: {"phone": ["home", 5551234567]}.
_JSON_HINTS = Hints(
    [
        r"(?i)pass|pw|key|token|secret|credential|auth|cookie|sess|sid|mnemonic|phrase|bduss|z_c0|nid_"
        r"|licen[cs]e|a/c|account|sol|phantom|[0-9](?:[ ().-]{0,2}[0-9]){6}"
        r"|密|口令|令牌|凭证|私钥|助记词|护照|護照|驾|駕|银行|銀行|账|비밀|비번|패스|암호|토큰|시크릿|키"
        r"|니모닉|복구|시드|여권|면허|계좌|통장|索拉纳|솔라나"
    ]
)


def candidates(text: str) -> Collection[int]:
    """Return the numbers of the detectors that may find something in `text`, as it reads.

    One more number than there are detectors says that escapes or odd characters may hide more.
    """
    return _HINTS.match(text)


def may_hold_private(text: str) -> bool:
    """Tell whether `text` may hold a private value; False is certain.

    Takes 10 ns a character. What escapes hide is looked at once they are undone.
    """
    hits = candidates(text)
    if not hits or tuple(hits) != (_HIDING,):
        return bool(hits)
    return bool(candidates(Readable(text).text))


def json_may_hold_private(text: str) -> bool:
    """Tell whether JSON text may hold a private value; False is certain."""
    return may_hold_private(text) or bool(_JSON_HINTS.match(text))


def find_private(text: str, keep: Collection[str] = ()) -> list[Find]:
    """Find the private values of a readable text: in order, none touching another.

    Where finds overlap, one value covers them all, so that no rest of the shorter one stays.
    Its kind is that of the longest find, then the earliest, then the first detector's.

    Args:
        keep: kinds that nobody looks for.
    """
    hinted = [DETECTORS[n] for n in sorted(candidates(text)) if n != _HIDING]
    return merge(
        [
            Find(each.kind, span)
            for each in hinted
            if each.kind not in keep
            for span in each.find(text)
        ]
    )


def merge(finds: list[Find]) -> list[Find]:
    """Join finds that overlap; ties go to what comes first in `finds`."""
    if len(finds) < 2:
        return finds
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
