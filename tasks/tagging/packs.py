"""Which prompts share a call.

The borders depend on the keys alone, and each pack on its own keys only: where one prompt is
added or taken away, one pack changes, and the calls for all others are the ones already bought.
"""

from collections.abc import Iterable, Sequence

from tasks.tagging.shown import Shown

Pack = tuple[Shown, ...]
LONG = 2  # prompts shown at full length whose text fills a pack


def packs(shown: Iterable[Shown], size: int, max_chars: int) -> list[Pack]:
    """Share out prompts with different keys into packs of at most `size`, in order of the keys.

    A pack holds the keys with a common beginning, the shortest one that makes it small enough:
    `size` prompts, and no more text than LONG prompts of `max_chars`. With random keys that fills
    69 % of a pack (ln 2, as for the leaves of any digital search tree). Prompts that must be
    alone are.
    """
    ordered = sorted(shown, key=lambda each: each.key)
    together = [each for each in ordered if not each.alone]
    alone = [(each,) for each in ordered if each.alone]
    return list(_split(together, size, LONG * max_chars, 0)) + alone


def _split(shown: Sequence[Shown], size: int, chars: int, bit: int) -> Iterable[Pack]:
    if not shown:
        return
    if len(shown) == 1 or (len(shown) <= size and sum(each.chars for each in shown) <= chars):
        yield tuple(shown)
        return
    for side in (0, 1):
        half = [each for each in shown if _bit(each.key, bit) == side]
        yield from _split(half, size, chars, bit + 1)


def _bit(key: str, place: int) -> int:
    """Return one bit of a hexadecimal key, counted from its first digit's highest."""
    return int(key[place // 4], 16) >> (3 - place % 4) & 1
