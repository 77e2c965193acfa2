"""E-mail addresses, phone numbers and keys of nobody, and how to find them again."""

import re
import string
from random import Random

from tasks.demo.languages import Language

_NAMES = (
    "anna",
    "ben",
    "chen",
    "dana",
    "eun",
    "felix",
    "hana",
    "jun",
    "lee",
    "mina",
    "wei",
    "yuna",
)
_ALNUM = string.ascii_letters + string.digits
# A key must never be reached through a longer word, nor a phone number through a longer number.
_PRIVATE = re.compile(
    r"[a-z]+\.[a-z]+\d+@example\.(?:com|net|org)"
    r"|\(\d{3}\) 555-01\d\d"
    r"|(?<![\w-])(?:1[358]\d-\d{4}-\d{4}|010-\d{4}-\d{4})(?![\w-])"
    r"|(?<!\w)(?:sk-proj-\w{32}|ghp_\w{36}|AKIA[A-Z0-9]{16})",
    re.ASCII,
)


def email(rng: Random) -> str:
    """Make an address under a domain that is reserved for examples (RFC 2606)."""
    ending = rng.choice(("com", "net", "org"))
    return f"{rng.choice(_NAMES)}.{rng.choice(_NAMES)}{rng.randint(10, 999)}@example.{ending}"


def phone(rng: Random, language: Language) -> str:
    """Make a number of the language's country; American ones are from the fictional 555-01xx."""
    if language == "en":
        return f"({rng.randint(201, 989)}) 555-01{rng.randint(0, 99):02d}"
    head = f"1{rng.choice('358')}{rng.randint(0, 9)}" if language == "zh" else "010"
    return f"{head}-{rng.randint(2000, 9999)}-{rng.randint(1000, 9999)}"


def key(rng: Random) -> str:
    """Make something that looks like an API key, a GitHub token or an AWS key id."""
    head, length = rng.choice((("sk-proj-", 32), ("ghp_", 36), ("AKIA", 16)))
    letters = string.ascii_uppercase + string.digits if head == "AKIA" else _ALNUM
    return head + "".join(rng.choices(letters, k=length))


def private_values(text: str) -> list[str]:
    """Find every value in `text` that this file could have made, in order, repeats included."""
    return _PRIVATE.findall(text)
