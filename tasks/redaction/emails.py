"""E-mail addresses."""

import re
import string
from collections.abc import Iterator
from itertools import takewhile

from tasks.redaction.spans import Span

HINT = "@[A-Za-z0-9]"
SPELLED_HINT = r"(?i)[\[({<]\s?(?:at|@)\s?[\])}>]"
_LATIN = "".join(map(chr, range(0xC0, 0x250)))  # josé@...
_LOCAL = frozenset(string.ascii_letters + string.digits + "._%+-'" + _LATIN)
_MAX_LOCAL = 64  # RFC 5321, 4.5.3.1.1
# `\b` would take Han and Hangul for letters of the address: 联系我wang@qq.com谢谢.
# Digits right behind the address belong to a phone number, where the ending is a common one;
# a bracket is a remark then, as in wang@qq.com（工作）, else a call, as in a@b.inv(c).
_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})\.){1,6}"
    r"(?:[A-Za-z]{2,24}(?![A-Za-z0-9(])|(?:com|net|org|edu|gov|cn|kr|jp|io|me)(?=[0-9(]))"
)
# wang [at] qq [dot] com, which hides from robots and from nobody else
_DOT = r"(?:\.|\s?[\[({]\s?(?:dot|\.)\s?[\])}]\s?|\sdot\s)"
_SPELLED = re.compile(
    rf"(?<![A-Za-z0-9._%+-])[A-Za-z0-9](?:[A-Za-z0-9_%+-]|{_DOT}(?=[A-Za-z0-9])){{0,63}}"
    r"\s?[\[({<]\s?(?:at|@)\s?[\])}>]\s?"
    rf"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,62}}){_DOT}){{1,6}}[A-Za-z]{{2,24}}(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_VERSION = re.compile(r"[0-9]+\.[0-9]+\.")
_FILE_ENDINGS = frozenset({"png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css", "tgz"})


def emails(text: str) -> Iterator[Span]:
    """Yield addresses; not `icon@2x.png`, `vue@3.2.1.min`, git@host:path, nor URL passwords."""
    for at in re.finditer("@", text):
        window = text[max(0, at.start() - _MAX_LOCAL) : at.start()]
        length = sum(1 for _ in takewhile(_LOCAL.__contains__, reversed(window)))
        local = window[len(window) - length :].lstrip(".'-")
        domain = _DOMAIN.match(text, at.end())
        if local and domain and not _is_other(text, local, domain):
            yield at.start() - len(local), domain.end()


def spelled_emails(text: str) -> Iterator[Span]:
    """Yield addresses that hide the @ from robots."""
    return (spelled.span() for spelled in _SPELLED.finditer(text))


def _is_other(text: str, local: str, domain: re.Match[str]) -> bool:
    ending = domain.group().rpartition(".")[2].lower()
    is_file = ending in _FILE_ENDINGS or _VERSION.match(domain.group()) is not None
    return local == "git" or is_file or _ends_password(text, domain.start() - 1)


def _ends_password(text: str, at: int) -> bool:
    """Tell whether the @ at `at` ends the user:password of a URL, which `credentials` cuts."""
    scheme = text.rfind("://", max(0, at - 200), at)
    return scheme >= 0 and re.fullmatch(r"[^\s/:]*:[^\s/]*", text[scheme + 3 : at]) is not None
