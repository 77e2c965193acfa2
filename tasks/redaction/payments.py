"""Payment cards and bank accounts."""

import re
from bisect import bisect_right
from collections.abc import Iterator

from stdnum import iban, luhn

from tasks.redaction.spans import Span
from tasks.redaction.surroundings import is_quantity

# Look back from the first digit on: patterns that begin with a digit are searched ten times
# faster. Nor is the last group of a UUID a number.
_START = r"(?<![0-9A-Za-z].)(?<![0-9][.-].)(?<![0-9A-Fa-f]{4}-.)"
_END = r"(?![0-9A-Za-z]|[.-][0-9])"
_CARD = re.compile(
    rf"[0-9]{_START}(?:[0-9]{{11,18}}|[0-9]{{3}}([ -])[0-9]{{6}}\1[0-9]{{4,5}}"
    rf"|[0-9]{{3}}([ -])[0-9]{{4}}\2[0-9]{{4}}\2[0-9]{{4}}(?:\2[0-9]{{3}})?){_END}"
)
CARD_HINT = r"[0-9]{12}|[0-9]{4}[ -][0-9]{4,6}[ -][0-9]{4,5}"
# Issuer numbers and lengths of ISO/IEC 7812 as the networks publish them; "Payment card number"
# in Wikipedia lists them.
_ISSUERS = re.compile(
    r"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"  # Visa
    r"|(?:5[1-5][0-9]{2}|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]{12}"
    r"|3[47][0-9]{13}"  # American Express
    r"|3(?:0[0-5]|[689][0-9])[0-9]{11}(?:[0-9]{2})?"  # Diners Club
    r"|(?:6011|64[4-9][0-9]|65[0-9]{2})[0-9]{12}(?:[0-9]{3})?"  # Discover
    r"|(?:2131|1800)[0-9]{11}|35[0-9]{14}(?:[0-9]{3})?"  # JCB
    r"|62[0-9]{14,17}"  # UnionPay
    r"|220[0-4][0-9]{12}"  # Mir
    r"|(?:5018|5020|5038|5893|5[6-8][0-9]{2}|6304|6759|676[1-3])[0-9]{8,15}"  # Maestro
)
_IBAN = re.compile(
    r"[A-Za-z]{2}[0-9]{2}(?<![0-9A-Za-z].{4})(?<![0-9][.-].{4})(?<![0-9A-Fa-f]{4}-.{4})"
    r"(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,4})?"
    r"(?![A-Za-z0-9])"
)
_ROW = re.compile("[0-9]{1,19}(?: [0-9]{1,19}){3,}+")
IBAN_HINT = "[A-Za-z]{2}[0-9]{2} ?[0-9A-Za-z]{4}"


def cards(text: str) -> Iterator[Span]:
    """Yield numbers of a known issuer with a right check digit (Luhn)."""
    rows = [row.span() for row in _ROW.finditer(text) if not _is_all_cards(row.group())]
    for found in _CARD.finditer(text):
        digits = re.sub("[ -]", "", found.group())
        is_card = _ISSUERS.fullmatch(digits) and luhn.is_valid(digits)
        if is_card and not (is_quantity(text, found.span()) or _is_in(rows, found)):
            yield found.span()


def _is_all_cards(row: str) -> bool:
    """Tell whether groups of digits are cards one after the other, not a list of numbers."""
    groups = row.split(" ")
    fours = ("".join(groups[n : n + 4]) for n in range(0, len(groups), 4))
    return len(groups) <= 5 or all(map(luhn.is_valid, fours))


def _is_in(rows: list[Span], found: re.Match[str]) -> bool:
    """Tell whether four groups of digits are part of one of `rows`, which are in order."""
    before = bisect_right(rows, found.start(), key=lambda row: row[0]) - 1
    return " " in found.group() and before >= 0 and found.start() < rows[before][1]


def ibans(text: str) -> Iterator[Span]:
    """Yield account numbers of the right length for their country that are 1 modulo 97."""
    for found in _IBAN.finditer(text):
        account = _longest_account(found.group())
        if account:
            yield found.start(), found.start() + len(account)


def _longest_account(text: str) -> str:
    """Return `text` without the words at its end that belong to something else; or ""."""
    while text and not iban.is_valid(text, check_country=False):
        text = text.rpartition(" ")[0]
    return text
