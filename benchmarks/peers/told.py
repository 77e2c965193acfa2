"""What every peer reads and prints: rows of text by task type in, numbers of kept rows out."""

import json
import sys
from collections import defaultdict
from collections.abc import Iterable

Rows = list[tuple[int, str]]  # number of the row, text


def by_kind() -> list[Rows]:
    """Read lines of `text` and `kind`; return the rows of each kind, in order."""
    kinds = defaultdict(list)
    for n, line in enumerate(sys.stdin):
        row = json.loads(line)
        kinds[row["kind"]].append((n, row["text"]))
    return list(kinds.values())


def keep(numbers: Iterable[int]) -> None:
    """Print which rows stay."""
    print(json.dumps(sorted(numbers)))
