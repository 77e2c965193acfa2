"""Passwords and tokens where programs take them: addresses, command lines, headers, cookies."""

import re
from collections.abc import Iterator

from tasks.redaction.spans import Span
from tasks.redaction.stand_ins import is_code, is_stand_in, mixes

URL_HINT = r"://[^\s/:@\"']*:[^\s@]+@|jdbc:oracle"
_URL_PASSWORD = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"']{0,64}:([!#-&(-.0-~]{1,128})@"
    r"|jdbc:oracle:\w+:[^\s/:@]{1,64}/([!#-&(-.0-?A-~]{1,128})@"
)
_KEYS = r"(?:data source|server|host|address|dsn|driver|user id|uid|user|database|initial catalog)"
CONNECTION_HINT = r"(?i)(?:password|pwd)\s?=\s?[^;\s]"
_CONNECTION = re.compile(
    rf"{_KEYS}\s?=[^;\n]{{1,128}};[^\n]{{0,300}}?(?:password|pwd)\s?=\s?([^;\s\"'<>]{{1,128}})"
    r"|(?:password|pwd)\s?=\s?([^;\s\"'<>]{1,128});[^\n]{0,300}?"
    rf"(?<![a-z]){_KEYS}\s?=",
    re.IGNORECASE,
)
COMMAND_HINT = (
    r"(?i:mysql|mariadb|sshpass|mongo|docker|podman|redis-cli|curl|wget|psql|openssl|--password"
    r"|--passwd|--http-user|--user|ldap|smbclient|pgpassword|mysql_pwd|sqlcmd|expect|chpasswd)"
)
_QUOTED = r"(?:'([^'\n]{1,128})'|\"([^\"\n]{1,128})\"|([^\s'\"<>|;&`]{1,128}))"
_COMMANDS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:mysql(?:dump|admin|import)?|mariadb(?:-dump)?) (?:[^\n|;&]{{0,200}} )?-p{_QUOTED}",
        rf"sshpass -p ?{_QUOTED}",
        rf"(?:mongo(?:sh|dump|restore|export|import)?|docker login|podman login|sqlcmd|7z a) "
        rf"(?:[^\n|;&]{{0,200}} )?-[pP] ?{_QUOTED}",
        rf"redis-cli (?:[^\n|;&]{{0,200}} )?-a {_QUOTED}",
        rf"ldap\w+ (?:[^\n|;&]{{0,200}} )?-w {_QUOTED}",
        rf"--(?:http-)?pass(?:word|wd)?[ =]{_QUOTED}",
        rf"(?:PGPASSWORD|MYSQL_PWD|SSHPASS|REDISCLI_AUTH)={_QUOTED}",
        rf"-pass(?:in|out)? pass:{_QUOTED}",
    )
)
_USER_PASSWORD = re.compile(
    r"(?:curl|wget|http) (?:[^\n|;]{0,300} )?(?:-u|--user|--proxy-user|-U|-a) ?['\"]?"
    r"[^\s:'\"]{1,64}:([^\s'\"]{1,128})"
)
HEADER_HINT = r"(?i)(?:bearer|basic|apikey)\s|authorization"
_HEADER = re.compile(
    r"(?<![A-Za-z])(?:bearer|basic|apikey)\s+([A-Za-z0-9._~+/-]{12,}=*)"
    r"|authorization['\"]?\s{0,3}[:=,]\s{0,3}['\"]?(?:[A-Za-z]{1,20}\s+)?"
    r"(?:[a-z]+=['\"]?)?([A-Za-z0-9._~+/-]{12,}=*)",
    re.IGNORECASE,
)
SESSION_HINT = (
    r"(?i)cookie['\"]?\s*[:=]|(?:sess(?:ion)?[_-]?(?:id|key|token)?|sid|remember[_-]?(?:me|token)"
    r"|(?:csrf|xsrf|auth|access|refresh|id|session)[_-]?token|bduss|z_c0|nid_(?:aut|ses)|cookie)"
    r"['\"]?\s*[:=]"
)
_COOKIES = re.compile(r"cookie['\"]?\s{0,3}:\s{0,3}['\"]?([^\r\n'\"]{8,8192})", re.IGNORECASE)
_PAIR = re.compile(r"[^\s=;,]{1,128}=([^\s;,]{8,4096})")
_SESSION = re.compile(
    r"(?:(?<![A-Za-z])(?:\w{0,24}sess(?:ion)?[_-]?(?:id|key|token)|session|sess|(?:connect\.)?sid"
    r"|remember[_-]?(?:me|token)|(?:csrf|xsrf|auth|access|refresh|id|session)[_-]?token"
    r"|bduss|z_c0|nid_(?:aut|ses)|[a-z]{3,12}_cookie))"
    r"['\"]?\s{0,3}[:=]\s{0,3}['\"]?([A-Za-z0-9%._~+/:|-]{16,4096}=*)",
    re.IGNORECASE,
)
_DIGIT = re.compile("[0-9]")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def url_passwords(text: str) -> Iterator[Span]:
    """Yield the password of scheme://user:password@host."""
    for found in _URL_PASSWORD.finditer(text):
        group = found.lastindex or 0
        if not is_stand_in(found.group(group)):
            yield found.span(group)


def connection_passwords(text: str) -> Iterator[Span]:
    """Yield the password of Server=...;Password=...; even if it is a word."""
    return _values(_CONNECTION, text)


def command_passwords(text: str) -> Iterator[Span]:
    """Yield passwords given to programs: mysql -pX, curl -u user:X, sshpass -p X."""
    for pattern in _COMMANDS:
        yield from _values(pattern, text)
    yield from _values(_USER_PASSWORD, text)


def header_tokens(text: str) -> Iterator[Span]:
    """Yield what follows `Bearer`, `Basic` or the name of the header: letters and digits mixed."""
    return (span for span in _values(_HEADER, text) if mixes(text[slice(*span)]))


def session_tokens(text: str) -> Iterator[Span]:
    """Yield the values of cookies and what is called a session.

    A bare UUID is an id; a word with a digit or two is a name.
    """
    for header in _COOKIES.finditer(text):
        for pair in _PAIR.finditer(text, *header.span(1)):
            if mixes(pair.group(1)):
                yield pair.span(1)
    for start, end in _values(_SESSION, text):
        value = text[start:end]
        if len(_DIGIT.findall(value)) >= 3 and mixes(value) and not _UUID.fullmatch(value):
            yield start, end


def _values(pattern: re.Pattern[str], text: str) -> Iterator[Span]:
    """Yield the group that took part in each match, unless it only stands for a value."""
    for found in pattern.finditer(text):
        group = found.lastindex or 0
        if not is_stand_in(found.group(group)) and not is_code(found.group(group)):
            yield found.span(group)
