"""A text as a reader sees it, with the way back to the characters that wrote it.

Logs hide values from patterns: JSON writes `wang\\u0040qq.com`, a line break as `\\n` lends its n
to the address behind it, links write `wang%40qq.com`, Chinese keyboards write `１３８`.
"""

import re
from bisect import bisect_right

from tasks.redaction.hints import Hints
from tasks.redaction.spans import Span

_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_SPACES = dict.fromkeys((0xA0, 0x2002, 0x2003, 0x2009, 0x202F, 0x3000), " ")
_HYPHENS = dict.fromkeys((0x2010, 0x2011, 0x2012, 0x2013, 0x2212), "-")
# four letters that a pattern without regard to case takes for i, k and s, RE2 not always
_LETTERS = {0x130: "I", 0x131: "i", 0x17F: "s", 0x212A: "K"}
_BOLD_DIGITS = {code: str((code - 0x1D7CE) % 10) for code in range(0x1D7CE, 0x1D800)}
_NARROW = _FULL_WIDTH | _SPACES | _HYPHENS | _LETTERS | _BOLD_DIGITS
# the zeros of UTF-32 read as bytes, soft hyphen, joiners, directions,
# word joiners, the keycap of 1\ufe0f\u20e3
_INVISIBLE = (
    "\x00\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u20e3\ufe00-\ufe0f\ufeff"
)
# A run of backslashes is one unit, however deep JSON text is nested in JSON text.
_UNIT = re.compile(
    rf"\\+(?:u[0-9A-Fa-f]{{4}}|[\"'/bfnrt])?|%[2-7][0-9A-Fa-f]|[{_INVISIBLE}]+"
    rf"|&#(?:[0-9]{{2,5}}|[xX][0-9A-Fa-f]{{2,4}});"
)
# RE2's syntax: what may keep a hint from seeing what a reader sees
HIDING = rf"\\|%[2-7][0-9A-Fa-f]|&#|[{_INVISIBLE}{''.join(map(chr, _NARROW))}]"
_HIDING = Hints([HIDING])
_UNSEEN = re.compile(f"[{_INVISIBLE}]")
_ODD = re.compile(f"[{''.join(map(chr, _NARROW))}]")
_MEANINGS = {"b": " ", "f": " ", "n": "\n", "r": "\r", "t": "\t"}
_PLACEHOLDER = re.compile(r"<[A-Z][A-Z_]*_[0-9]{1,6}>")
_WRITTEN_PLACEHOLDER = re.compile(r"(?:<|u003[cC])([A-Z][A-Z_]*)_([0-9]{1,6})(?:>|\\)")
BLANK = "\ufffc"  # stands where nothing may be found; no pattern of ours matches it


class Readable:
    """What detectors look at: `text`, and where its characters come from."""

    def __init__(self, original: str) -> None:
        """Undo escapes and widths; blank out the placeholders that are already there."""
        self._here = [0]
        self._there = [0]
        copy = original
        if _HIDING.match(original):
            copy = _ODD.sub(_narrowed, self._unescape(original))
        self.text = _PLACEHOLDER.sub(_blank, copy) if "<" in copy else copy

    def origin(self, span: Span) -> Span:
        """Return the span of the original text that writes `span` of the readable one.

        It never begins or ends inside an escape, so what is cut out leaves valid escapes.
        """
        return self._position(span[0]), self._position(span[1])

    def _position(self, position: int) -> int:
        run = bisect_right(self._here, position) - 1
        return self._there[run] + position - self._here[run]

    def _unescape(self, original: str) -> str:
        pieces, length, end = [], 0, 0
        for unit in _UNIT.finditer(original):
            for piece, after in (
                (original[end : unit.start()], unit.start()),
                (_meaning(unit.group()), unit.end()),
            ):
                pieces.append(piece)
                length += len(piece)
                self._here.append(length)
                self._there.append(after)
            end = unit.end()
        return "".join(pieces) + original[end:]


def placeholders(text: str) -> set[tuple[str, int]]:
    """Return the kinds and numbers of the placeholders in `text`."""
    if "_" not in text:
        return set()
    return {(kind, int(number)) for kind, number in _WRITTEN_PLACEHOLDER.findall(text)}


def is_blank(text: str) -> bool:
    """Tell whether `text` holds nothing but placeholders."""
    return not _PLACEHOLDER.sub("", text)


def _meaning(unit: str) -> str:
    """Return what a unit shows: nothing where it writes what nobody sees."""
    return _UNSEEN.sub("", _written(unit))


def _written(unit: str) -> str:
    if unit[0] == "&":
        return chr(int(unit[3:-1], 16) if unit[2] in "xX" else int(unit[2:-1]))
    if unit[0] == "%":
        return chr(int(unit[1:], 16))
    if unit[0] != "\\":
        return unit
    escape = unit.lstrip("\\")
    if escape.startswith("u"):
        return chr(int(escape[1:], 16))
    return _MEANINGS.get(escape, escape or "\\")


def _narrowed(odd: re.Match[str]) -> str:
    return _NARROW[ord(odd.group())]


def _blank(found: re.Match[str]) -> str:
    return BLANK * len(found.group())
