"""Redact the texts of one conversation."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection

from tasks.redaction.detectors import candidates
from tasks.redaction.json_text import is_json, map_values
from tasks.redaction.readable import Readable, is_blank, placeholders
from tasks.redaction.rules import BUILT_IN, Rules
from tasks.redaction.screen import HIDING
from tasks.redaction.spans import Find, merge

_MEMBER = re.compile(r'(\\*")\s*:\s*\Z')  # "phone": or, in nested JSON, \"phone\":
_MEMBER_END = re.compile(r"\s*[,}]")


class Redactor:
    """Puts placeholders for private values: the same one for the same value.

    `counts` holds the number of replacements by kind.
    """

    def __init__(self, rules: Rules = BUILT_IN) -> None:
        self.counts: Counter[str] = Counter()
        self._rules = rules
        self._numbers: dict[tuple[str, str], int] = {}  # of (kind, canonical value)
        self._last: dict[str, int] = {}  # number given by kind
        self._taken: defaultdict[str, set[int]] = defaultdict(set)  # numbers given by others
        self._kinds: dict[str, str] = {}  # of every value found so far
        self._recalled: list[str] = []
        self._repeated: re.Pattern[str] | None = None

    def text(self, text: str) -> str:
        """Replace every private value by `<KIND_n>`; doing so again changes nothing."""
        return self._redact(text)

    def json(self, text: str) -> str:
        """Redact the strings, keys and numbers of JSON text, which stays JSON.

        A private number becomes a string; JSON text inside strings is treated alike; text that
        is not JSON is redacted as text.
        """
        self.reserve(text)
        if not (self._rules.may_find(text) or self._may_repeat(text)):
            return text
        is_value = is_json(text)
        # cutting a text may cut out what made it no JSON
        redacted = map_values(text, self._redact_value) if is_value else self.text(text)
        return redacted if redacted == text else self.json(redacted)

    def reserve(self, text: str) -> None:
        """Leave the numbers of the placeholders in `text` to whoever wrote them."""
        for kind, number in placeholders(text):
            self._taken[kind].add(number)

    def recall(self) -> None:
        """From now on also replace the values found so far where nothing but repetition shows them.

        `my password is tr0ub4dor` gives the value away, `is tr0ub4dor safe?` does not.
        """
        self._recalled = sorted(filter(_is_telling, self._kinds), key=len, reverse=True)
        self._repeated = None

    def _redact_value(self, value: str, key: str) -> str:
        """Redact a value of JSON text as it reads behind its key."""
        if value.lstrip()[:1] in ("{", "[") and is_json(value):
            return self.json(value)
        return self._redact(value, f'"{key}": "', '"') if key else self._redact(value)

    def _redact(self, text: str, before: str = "", after: str = "") -> str:
        """Redact `text` as it reads between `before` and `after`, until nothing more is found.

        One value may hide the next: wang@qq.com13800138000.
        """
        self.reserve(text)
        while True:
            pieces = self._pieces(text, before, after)
            if len(pieces) == 1:
                return text
            text = "".join(pieces)

    def _pieces(self, text: str, before: str, after: str) -> list[str]:
        """Cut `text` at its finds: what stays and placeholders in turn."""
        whole = before + text + after
        hits = candidates(whole)
        if not (hits or self._rules.custom or self._may_repeat(whole)):
            return [text]
        readable = Readable(whole)
        pieces, end = [], 0
        for find in self._finds(readable.text, None if HIDING in hits else hits):
            start, stop = (
                min(max(place - len(before), 0), len(text)) for place in readable.origin(find.span)
            )
            if not is_blank(text[start:stop]):
                quote = _quote_of_number(text, start, stop)
                placeholder = self._placeholder(find.kind, readable.text[slice(*find.span)])
                pieces += [text[end:start], f"{quote}{placeholder}{quote}"]
                end = stop
        return [*pieces, text[end:]]

    def _finds(self, text: str, hits: Collection[int] | None) -> list[Find]:
        finds = self._rules.find(text, hits)
        if not self._may_repeat(text):
            return finds
        if self._repeated is None:
            listed = "|".join(map(re.escape, self._recalled))
            self._repeated = re.compile(f"(?<![0-9A-Za-z])(?:{listed})(?![0-9A-Za-z])")
        repeated = self._repeated.finditer(text)
        return merge(finds + [Find(self._kinds[each.group()], each.span()) for each in repeated])

    def _may_repeat(self, text: str) -> bool:
        return any(value in text for value in self._recalled)

    def _placeholder(self, kind: str, value: str) -> str:
        self.counts[kind] += 1
        self._kinds.setdefault(value, kind)
        same = (kind, _canonical(kind, value))
        if same not in self._numbers:
            self._numbers[same] = self._free_number(kind)
        return f"<{kind}_{self._numbers[same]}>"

    def _free_number(self, kind: str) -> int:
        number = self._last.get(kind, 0) + 1
        while number in self._taken[kind]:
            number += 1
        self._last[kind] = number
        return number


def _canonical(kind: str, value: str) -> str:
    """Return the same text for what differs in spelling only: capitals, spaces, hyphens."""
    if kind in ("EMAIL", "NAME"):
        return value.casefold()
    if value.isascii() and kind not in ("SECRET", "WALLET", "ENCODED"):
        return re.sub("[^0-9A-Z]", "", value.upper())
    return value


def _is_telling(value: str) -> bool:
    """Tell whether `value` is too special to be a word: postgres://postgres:postgres@db."""
    return len(value) >= 6 and not value.isalpha()


def _quote_of_number(text: str, start: int, stop: int) -> str:
    """Return the quotes that keep JSON inside of text valid where a bare number is replaced."""
    member = _MEMBER.search(text, max(0, start - 16), start)
    is_number = text[start:stop].isdigit() and _MEMBER_END.match(text, stop) is not None
    return member.group(1) if member and is_number else ""
