"""Who finds what: every detector by name, in the order that settles ties."""

from collections.abc import Collection
from dataclasses import dataclass

from tasks.redaction import (
    connections,
    credentials,
    documents,
    emails,
    identities,
    issuers,
    networks,
    payments,
    phones,
    phones_abroad,
    private_keys,
    wallets,
)
from tasks.redaction.encoded import encoded_texts
from tasks.redaction.readable import Readable
from tasks.redaction.screen import HIDING, LONG_RUN, Screen
from tasks.redaction.spans import Find, Finder, Spans, merge


@dataclass(frozen=True, slots=True)
class Detector:
    """One way to find one kind of private value.

    Every text in which `find` finds something matches all of `hints`, which are cheap: patterns
    in RE2's syntax, best without counting, as what counts at once multiplies RE2's states.
    """

    name: str
    kind: str  # what the placeholder says
    find: Finder
    hints: tuple[str, ...]


def _encoded(text: str) -> Spans:
    """Yield Base64 that says something private."""
    return (
        span
        for span, said in encoded_texts(text)
        if may_hold_private(said) and find_private(Readable(said).text)
    )


def _of(kind: str, find: Finder, *hints: str) -> Detector:
    return Detector(find.__name__, kind, find, hints)


_DIGITS = phones_abroad.SEVEN_DIGITS
DETECTORS = (
    *(
        Detector(name, "SECRET", issuers.form(body), (body,))
        for name, body in issuers.FORMS.items()
    ),
    _of("SECRET", issuers.aws_secrets, issuers.FORMS["aws_key_id"]),
    _of("SECRET", private_keys.private_keys, private_keys.HINT),
    _of("SECRET", connections.url_passwords, connections.URL_HINT),
    _of("SECRET", connections.connection_passwords, connections.CONNECTION_HINT),
    _of("SECRET", connections.command_passwords, connections.COMMAND_HINT),
    _of("SECRET", connections.header_tokens, connections.HEADER_HINT),
    _of("SECRET", connections.session_tokens, connections.SESSION_HINT),
    _of("SECRET", credentials.assigned_passwords, credentials.PASSWORD_HINT),
    _of("SECRET", credentials.assigned_keys, credentials.KEY_HINT),
    _of("SECRET", credentials.seed_phrases, credentials.PHRASE_HINT),
    _of("SECRET", wallets.wallet_keys, LONG_RUN),
    _of("WALLET", wallets.coin_addresses, LONG_RUN),
    _of("WALLET", wallets.segwit_addresses, wallets.SEGWIT_HINT),
    _of("WALLET", wallets.ethereum_addresses, LONG_RUN, wallets.ETHEREUM_HINT),
    _of("WALLET", wallets.solana_addresses, LONG_RUN, wallets.SOLANA_HINT),
    _of("EMAIL", emails.emails, emails.HINT),
    _of("EMAIL", emails.spelled_emails, emails.SPELLED_HINT),
    _of("CN_ID", identities.chinese_ids, identities.CHINESE_ID_HINT),
    _of("CN_USCC", identities.credit_codes, identities.CREDIT_CODE_HINT),
    _of("KR_RRN", identities.korean_rrns, identities.KOREAN_RRN_HINT),
    _of("CARD", payments.cards, payments.CARD_HINT),
    _of("IBAN", payments.ibans, payments.IBAN_HINT),
    _of("SSN", identities.us_ssns, identities.US_SSN_HINT),
    _of("PASSPORT", documents.passports, documents.PASSPORT_HINT),
    _of("LICENCE", documents.driving_licences, documents.LICENCE_HINT),
    _of("ACCOUNT", documents.bank_accounts, documents.ACCOUNT_HINT),
    _of("PHONE", phones.national_phones, _DIGITS, phones.NATIONAL_HINT),
    _of("PHONE", phones.spaced_phones, _DIGITS, phones.SPACED_HINT),
    _of("PHONE", phones.account_phones, _DIGITS, phones.ACCOUNT_HINT),
    _of("PHONE", phones_abroad.phones_abroad, phones_abroad.PLUS_HINT),
    _of("PHONE", phones_abroad.phones_of_countries, _DIGITS, phones_abroad.COUNTRY_HINT),
    _of("PHONE", phones.named_phones, _DIGITS, phones.NAMED_HINT),
    _of("IP", networks.ip_addresses, networks.HINT),
    _of("ENCODED", _encoded, LONG_RUN),
)
KINDS = frozenset(detector.kind for detector in DETECTORS)
_SCREEN = Screen([detector.hints for detector in DETECTORS])


def candidates(text: str) -> Collection[int]:
    """Return the numbers of the detectors that may find something in `text`, in order.

    HIDING among them says that escapes or odd characters may hide more.
    """
    return _SCREEN.match(text)


def may_hold_private(text: str) -> bool:
    """Tell whether `text` may hold a private value; False is certain.

    Takes 50 ns a character of real chats. What escapes hide is looked at once they are undone.
    """
    hits = candidates(text)
    if not hits or tuple(hits) != (HIDING,):
        return bool(hits)
    return bool(candidates(Readable(text).text))


def find_private(
    text: str, keep: Collection[str] = (), hits: Collection[int] | None = None
) -> list[Find]:
    """Find the private values of a readable text: in order, none touching another.

    Where finds overlap, one value covers them all, so that no rest of the shorter one stays.
    Its kind is that of the longest find, then the earliest, then the first detector's.

    Args:
        keep: kinds that nobody looks for.
        hits: the candidates, where they are known.
    """
    hits = candidates(text) if hits is None else hits
    hinted = [DETECTORS[n] for n in hits if n != HIDING]
    return merge(
        [
            Find(each.kind, span)
            for each in hinted
            if each.kind not in keep
            for span in each.find(text)
        ]
    )
