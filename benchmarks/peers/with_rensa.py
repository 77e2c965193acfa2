"""rensa: its deduplicator with LSH, on sets of five characters; it verifies by signatures."""

from rensa import RMinHash, RMinHashDeduplicator
from told import Rows, by_kind, keep


def kept(rows: Rows) -> list[int]:
    """Return the rows that are like no kept one before them."""
    seen, stay = RMinHashDeduplicator(0.8, 128, use_lsh=True, num_bands=16), []
    for n, text in rows:
        folded = " ".join(text.casefold().split())
        sketch = RMinHash(128, 42)
        sketch.update([folded[at : at + 5] for at in range(max(1, len(folded) - 4))])
        if not seen.is_duplicate(str(n), sketch):
            seen.add(str(n), sketch)
            stay.append(n)
    return stay


keep(n for rows in by_kind() for n in kept(rows))
