"""Places in a text."""

from collections.abc import Callable, Iterator

Span = tuple[int, int]  # start, end: Python's half-open positions
Finder = Callable[[str], Iterator[Span]]
