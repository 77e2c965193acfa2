"""Passwords and keys that a text calls so, in English, Chinese or Korean."""

import re
from collections.abc import Iterator

from tasks.redaction.spans import Span
from tasks.redaction.stand_ins import is_code, is_stand_in, mixes

_WORD = "(?<![A-Za-z])"


def _link(korean: str) -> str:
    return (
        r"(?:[\"'\]]{0,2}\s{0,3}(?:=>|:=|[:=>])|\s(?:is|was)[\s:]|\s-\s"
        rf"|\s?(?:就是|(?:设置?|修?改|重置)?[为成]了?|是|為|設為)|\s?(?:는|은|이|가){korean})[\s:“”「『]{{0,3}}"
    )


def _passwords(word: str) -> str:
    return (
        rf"(?:pass(?:word|wd|phrase|code)|{word}(?:pwd?|pass)"
        "|密码|密碼|口令|비밀번호|비번|패스워드|암호)"
    )


def _keys(word: str) -> str:
    return (
        r"(?:(?:api|app|access|secret|private|auth|client|account|encryption|signing|refresh|bot"
        r"|service|master|subscription|webhook|hmac|jwt)[ _-]?(?:access[ _-]?)?(?:key|token|secret)"
        rf"|{word}(token|secret|credential)|{word}my (?:key|token)"
        r"|密钥|秘钥|私钥|令牌|凭证|密鑰|金鑰|토큰|시크릿|비밀키|개인키"
        r"|(?:api|액세스|접근|인증|시크릿) ?키)(?:[ _-]?(?:key|id))?"
    )


_LINK = _link(korean=r"(?=[\s:])")
_BARE = r"(?:(?!&[A-Za-z_]+=)[!#-&(-+\--:=?-\[\]-_|~a-z\\])"  # ends at quotes, commas, brackets
_SPOKEN = r"(?:密码|密碼|口令|(?:비밀번호|비번|패스워드|암호)[를을]?)\s?"
PASSWORD_HINT = rf"(?i){_passwords(word='')}{_link(korean='')}[\"'`]?[!-~]|{_SPOKEN}[!-~]"
KEY_HINT = rf"(?i){_keys(word='')}{_link(korean='')}[\"'`]?[!-~]"
PHRASE_HINT = r"(?i)phrase|mnemonic|助记词|니모닉|복구 ?구문|시드"
_PASSWORD = re.compile(
    rf"{_passwords(_WORD)}{_LINK}(?:([\"'`])([!-~]{{6,128}}?)\1|({_BARE}{{6,128}}))",
    re.IGNORECASE,
)
_SPOKEN_PASSWORD = re.compile(rf"{_SPOKEN}((?![.:?=/-]){_BARE}{{6,128}})")
_KEY = re.compile(
    rf"{_keys(_WORD)}{_LINK}(?:([\"'`])([!-~]{{8,4096}}?)\2|({_BARE}{{8,4096}}))",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"[A-Za-z_]+[0-9]{0,2}|(?:sha|md|aes|rsa|des|utf|base)-?[0-9]{1,4}", re.IGNORECASE
)
_SIGN = re.compile(r"[0-9]|[^\w.:/+-]")
_PHRASE = re.compile(
    r"(?:(?:seed|recovery|mnemonic|secret|backup)(?: (?:recovery|seed|mnemonic))? phrase|mnemonic"
    r"|助记词|니모닉|복구 ?구문|시드 ?(?:구문|문구))(?:\s?(?:is|are|是|为|는|은))?[\s:=：\"'“]{1,4}"
    r"((?:[a-z]{3,8}[ ,、\n]{1,2}){11,23}[a-z]{3,8})(?![a-z])",
    re.IGNORECASE,
)


def assigned_passwords(text: str) -> Iterator[Span]:
    """Yield what is said to be a password; words and code are not.

    Chinese and Korean need no verb: 密码Abc@1234. Then letters and digits must mix.
    """
    for found in _PASSWORD.finditer(text):
        value, span = _value(found, 2)
        if not _is_expression(found, value, 2) and _SIGN.search(value):
            yield span
    for found in _SPOKEN_PASSWORD.finditer(text):
        if mixes(found.group(1)) and not _NAME.fullmatch(found.group(1)):
            yield found.span(1)


def assigned_keys(text: str) -> Iterator[Span]:
    """Yield what is said to be a key or a token: letters and digits mixed."""
    for found in _KEY.finditer(text):
        value, span = _value(found, 3)
        is_long = len(value) >= (12 if found.group(1) else 8)  # `token` has other meanings too
        if (
            is_long
            and mixes(value)
            and not (_is_expression(found, value, 3) or _NAME.fullmatch(value))
        ):
            yield span


def seed_phrases(text: str) -> Iterator[Span]:
    """Yield the 12 to 24 words that open a wallet, where they are called so."""
    return (found.span(1) for found in _PHRASE.finditer(text))


def _value(found: re.Match[str], group: int) -> tuple[str, Span]:
    """Return the quoted value, or the bare one after it without the marks of the sentence."""
    if found.group(group) is not None:
        return found.group(group), found.span(group)
    value = found.group(group + 1).rstrip(".:?)]")
    start = found.start(group + 1)
    return value, (start, start + len(value))


def _is_expression(found: re.Match[str], value: str, group: int) -> bool:
    is_bare = found.group(group) is None
    return is_stand_in(value) or (is_bare and is_code(value))
