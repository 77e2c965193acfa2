"""What stands where a secret would: `your_password`, `***`, `os.environ["KEY"]`."""

import re

_FILLER = re.compile(r"[xX]{6}|[*]{3}|[.]{3}|0{12}|[$][({]|\{\{|\A[<{]|\A(.)\1{5,}\Z")
_STAND_IN = re.compile(
    r"(?<![A-Za-z0-9])your|placeholder|change_?me"
    r"|\A(?:password|passwd|passphrase|pass|pwd|secret|token|string|null|none|true|false|undefined)\Z",
    re.IGNORECASE,
)
# os.environ[...], self.token, hash1(...), $PASS, %(pass)s, :param, https://..., /run/secrets/db1
# Names are words: get_pass, getPass, PASS_1, hash1; t(Kk1aI and $5dxKJv are passwords.
_WORDS = r"_*(?:[a-z_]{2,}|[A-Z][A-Z_]+|[A-Z]?[a-z]+(?:[A-Z][a-z]+)+|[A-Z][a-z]+)[A-Z_]*[0-9]{0,2}"
_CODE = re.compile(
    rf"{_WORDS}(?:\.[A-Za-z_]\w*)*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\Z|%\("
    rf"|[$%@:]{_WORDS}(?:\Z|\[|->)|https?://|\.{{0,2}}/",
    re.ASCII,
)
_DIGIT = re.compile("[0-9]")
_LETTER = re.compile("[A-Za-z]")


def is_stand_in(value: str) -> bool:
    """Tell whether `value` only shows where a value goes."""
    return _FILLER.search(value) is not None or _STAND_IN.search(value) is not None


def is_filler(value: str) -> bool:
    """Tell whether `value` is drawn, not written: xxxxxx, ***, <...>."""
    return _FILLER.search(value) is not None


def is_code(value: str) -> bool:
    """Tell whether `value` is an expression that gets the value elsewhere."""
    return _CODE.match(value) is not None


def mixes(value: str) -> bool:
    """Tell whether `value` holds letters and digits, as words and numbers do not."""
    return _DIGIT.search(value) is not None and _LETTER.search(value) is not None
