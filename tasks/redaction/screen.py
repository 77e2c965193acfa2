"""Which detectors have anything to look for in a text: all hints of all of them at once."""

from collections.abc import Collection, Sequence

from tasks.redaction.hints import Hints
from tasks.redaction.readable import HIDING as _HIDING_PATTERN

# Every Chinese sentence has these, so they are narrowed for the hints, and hide nothing.
_MARKS = tuple(zip("，：？！（）；", ",:?!();", strict=True))
HIDING = -1  # stands for what may hide a value from the hints
LONG_RUN = "[A-Za-z0-9+/_-]{24}"  # Base64, Base58, hexadecimal


class Screen:
    """Hints of many detectors; all hints of a detector must match."""

    def __init__(self, hints: Sequence[tuple[str, ...]]) -> None:
        """Take the hints of each detector, in the order of their numbers."""
        self._patterns = sorted({hint for each in hints for hint in each} - {LONG_RUN})
        numbers = {pattern: number for number, pattern in enumerate(self._patterns)}
        numbers |= {_HIDING_PATTERN: len(numbers), LONG_RUN: len(numbers) + 1}
        self._long_run = numbers[LONG_RUN]
        self._hints = Hints([*self._patterns, _HIDING_PATTERN])
        # With the counting of the others it would make RE2 twenty times slower.
        self._long_runs = Hints([LONG_RUN])
        # by the first hint, to look at few detectors
        self._by_hint: list[list[tuple[int, set[int]]]] = [[] for _ in numbers]
        for number, each in [(HIDING, (_HIDING_PATTERN,)), *enumerate(hints)]:
            first, *others = (numbers[hint] for hint in each)
            self._by_hint[first].append((number, set(others)))

    def match(self, text: str) -> Collection[int]:
        """Return the numbers of the detectors all of whose hints match; HIDING, too."""
        if not text.isascii():
            for wide, narrow in _MARKS:
                text = text.replace(wide, narrow)
        found = self._hints.match(text)
        if self._long_runs.match(text):
            found = [*found, self._long_run]
        if not found:
            return ()
        known = set(found)
        return sorted(
            number for hint in found for number, needed in self._by_hint[hint] if needed <= known
        )
