"""Keys, tokens and passwords."""

import re
from collections.abc import Iterator

from tasks.redaction.spans import Span

# Forms as their issuers document them; lengths are lower bounds, so that a longer key is cut whole.
_TOKENS = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-[A-Za-z0-9_-]{20,}|[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"  # OpenAI and kin; Stripe
    r"|A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"  # AWS key id
    r"|LTAI[A-Za-z0-9]{12,30}|AKID[A-Za-z0-9]{28,40}"  # Alibaba, Tencent
    r"|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,}"
    r"|gl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{20,}"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[A-Za-z0-9-]{20,}"  # Slack
    r"|AIza[A-Za-z0-9_-]{33,}|ya29\.[A-Za-z0-9_-]{20,}|GOCSPX-[A-Za-z0-9_-]{20,}"  # Google
    r"|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36,}|pypi-[A-Za-z0-9_-]{40,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"  # JWT
    r"|SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,})"  # SendGrid
)
_PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----).){16,20000}?-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"|(?:\s*[A-Za-z0-9+/=]{16,})+(?:\s*[A-Za-z0-9+/=]+\Z)?)",  # cut off before its end
    re.DOTALL,
)
_URL_PASSWORD = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://[^\s/:@\"']{0,64}:([!#-&(-.0-~]{1,128})@"
)
_BEARER = re.compile(r"(?<![A-Za-z])(?:bearer|basic)\s+([A-Za-z0-9._~+/-]{16,}=*)", re.IGNORECASE)
_LINK = (
    r"(?:[\"'\]]{0,2}\s{0,3}(?:=>|:=|[:=>])|\s(?:is|was)[\s:]|\s-\s"
    r"|\s?(?:就是|(?:设置?|修?改|重置)?[为成]了?|是)|\s?(?:는|은|이|가)(?=[\s:]))[\s:“”「『]{0,3}"
)
_BARE = r"(?:(?!&[A-Za-z_]+=)[!#-&(-+\--:=?-\[\]-_|~a-z\\])"  # ends at quotes, commas, brackets
_PASSWORD = re.compile(
    r"(?:pass(?:word|wd|phrase|code)|(?<![A-Za-z])(?:pwd?|pass)|密码|口令|비밀번호|비번|패스워드)"
    rf"{_LINK}(?:([\"'`])([!-~]{{6,128}}?)\1|({_BARE}{{6,128}}))",
    re.IGNORECASE,
)
_SPOKEN_PASSWORD = re.compile(
    rf"(?:密码|口令|(?:비밀번호|비번|패스워드)[를을]?)\s?((?=[A-Za-z0-9@#$]){_BARE}{{6,128}})"
)
_KEY = re.compile(
    r"(?:(?:api|app|access|secret|private|auth|client|account|encryption|signing|refresh|bot)"
    r"[ _-]?(?:access[ _-]?)?(?:key|token|secret)|(?<![A-Za-z])(token|secret)"
    r"|密钥|令牌|토큰|시크릿)"
    rf"(?:[ _-]?(?:key|id))?{_LINK}(?:([\"'`])([!-~]{{8,4096}}?)\2|({_BARE}{{8,4096}}))",
    re.IGNORECASE,
)
_FILLER = re.compile(r"[xX]{6}|[*]{3}|[.]{3}|0{12}|[$][({]|\{\{|\A[<{]")
_STAND_IN = re.compile(r"(?<![A-Za-z0-9])your|placeholder|change_?me", re.IGNORECASE)
# os.environ[...], self.token, hash1(...), $PASS, %(pass)s, :param, https://..., /run/secrets/db1
_CODE = re.compile(
    r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z|[$%@:]\w+(?:\Z|\[|->)|%\("
    r"|https?://|\.{0,2}/",
    re.ASCII,
)
_NAME = re.compile(
    r"[A-Za-z_]+[0-9]{0,2}|(?:sha|md|aes|rsa|des|utf|base)-?[0-9]{1,4}", re.IGNORECASE
)
_KEBAB_MAX = 15  # characters between hyphens; CSS has classes like sk-cube-grid-item-12


def tokens(text: str) -> Iterator[Span]:
    """Yield keys that their form gives away."""
    for found in _TOKENS.finditer(text):
        if not _FILLER.search(found.group()) and not _is_kebab_word(found.group()):
            yield found.span()


def private_keys(text: str) -> Iterator[Span]:
    """Yield PEM and PGP blocks whole, or as much as is there of one that was cut off."""
    return (found.span() for found in _PRIVATE_KEY.finditer(text))


def url_passwords(text: str) -> Iterator[Span]:
    """Yield the password of scheme://user:password@host."""
    for found in _URL_PASSWORD.finditer(text):
        if not _is_stand_in(found.group(1)):
            yield found.span(1)


def bearer_tokens(text: str) -> Iterator[Span]:
    """Yield what follows `Bearer` or `Basic` in a header."""
    for found in _BEARER.finditer(text):
        if _mixes(found.group(1)) and not _is_stand_in(found.group(1)):
            yield found.span(1)


def assigned_passwords(text: str) -> Iterator[Span]:
    """Yield what is said to be a password; words and code are not.

    Chinese and Korean need no verb: 密码Abc@1234. Then letters and digits must mix.
    """
    for found in _PASSWORD.finditer(text):
        value, span = _value(found, 2)
        if not _is_expression(found, value, 2) and re.search(r"[0-9]|[^\w.:/+-]", value):
            yield span
    for found in _SPOKEN_PASSWORD.finditer(text):
        if _mixes(found.group(1)) and not _NAME.fullmatch(found.group(1)):
            yield found.span(1)


def assigned_keys(text: str) -> Iterator[Span]:
    """Yield what is said to be a key or a token: letters and digits mixed."""
    for found in _KEY.finditer(text):
        value, span = _value(found, 3)
        is_long = len(value) >= (12 if found.group(1) else 8)  # `token` has other meanings too
        if (
            is_long
            and _mixes(value)
            and not (_is_expression(found, value, 3) or _NAME.fullmatch(value))
        ):
            yield span


def _value(found: re.Match[str], group: int) -> tuple[str, Span]:
    """Return the quoted value, or the bare one after it without the marks of the sentence."""
    if found.group(group) is not None:
        return found.group(group), found.span(group)
    value = found.group(group + 1).rstrip(".:?)]")
    start = found.start(group + 1)
    return value, (start, start + len(value))


def _is_expression(found: re.Match[str], value: str, group: int) -> bool:
    is_bare = found.group(group) is None
    return _is_stand_in(value) or (is_bare and _CODE.match(value) is not None)


def _is_stand_in(value: str) -> bool:
    return _FILLER.search(value) is not None or _STAND_IN.search(value) is not None


def _mixes(value: str) -> bool:
    return re.search("[0-9]", value) is not None and re.search("[A-Za-z]", value) is not None


def _is_kebab_word(token: str) -> bool:
    if not token.startswith("sk-"):
        return False
    pieces = re.split("[_-]", token)
    is_random = bool(re.search("[A-Z]", token) and len(re.findall("[0-9]", token)) >= 3)
    return max(map(len, pieces)) <= _KEBAB_MAX and not is_random
