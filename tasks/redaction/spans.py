"""Places in a text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]  # start, end: Python's half-open positions
Spans = Iterator[Span]
Finder = Callable[[str], Spans]


@dataclass(frozen=True, slots=True)
class Find:
    """A private value in a text."""

    kind: str
    span: Span


def merge(finds: list[Find]) -> list[Find]:
    """Join finds that overlap; ties go to what comes first in `finds`."""
    if len(finds) < 2:
        return finds
    merged: list[Find] = []
    for group in _overlapping(finds):
        best = min(group, key=lambda find: (find.span[0] - find.span[1], find.span[0]))
        ends = max(find.span[1] for find in group)
        merged.append(Find(best.kind, (group[0].span[0], ends)))
    return merged


def _overlapping(finds: list[Find]) -> Iterator[list[Find]]:
    group: list[Find] = []
    end = 0
    for find in sorted(finds, key=lambda find: find.span[0]):
        if group and find.span[0] >= end:
            yield group
            group, end = [], 0
        group.append(find)
        end = max(end, find.span[1])
    if group:
        yield group
