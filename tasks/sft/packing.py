"""Which rows stand side by side in a packed row: whole, in random order, where they fit.

TRL's way, best fit on rows sorted by length, leaves the short answers for last: at 4,096 tokens
94 % of them stood in a tenth of the packed rows, so most steps saw none. First fit in random order
lets them clump too, in the first gap that nothing else fits (79 % at 1,024). So rows that take over
a third of the room go first, and short ones look for room from a random place on (47 %; by chance
alone it were 42 %).
"""

from collections.abc import Sequence
from random import Random

Packed = list[list[int]]  # numbers of rows, per packed row

_BIG = 3  # rows over a half, then those over a third of the room go first: fill .97, else .96
_SHORT = 8  # rows of an eighth of the room at most look from a random place on


def pack(lengths: Sequence[int], room: int, seed: int, epoch: int) -> Packed:
    """Put every row into one of the packed rows of an epoch, none of which exceeds `room` tokens.

    A function of its arguments alone, so a run that resumes in the middle of an epoch goes on
    with the rows that are left.

    Raises:
        ValueError: a row is longer than `room`.
    """
    rng = Random(f"{seed}/{epoch}")
    places = Places(len(lengths), room)
    packed: Packed = [[] for _ in lengths]
    opened = 1
    for row in _biggest_first(lengths, room, rng):
        is_short = lengths[row] * _SHORT <= room
        place = places.first(lengths[row], rng.randrange(opened) if is_short else 0)
        if place >= opened:  # it would open another one: rather a gap before the random place
            place = places.first(lengths[row])
        places.take(place, lengths[row])
        packed[place].append(row)
        opened = max(opened, place + 1)
    packed = packed[:opened]
    rng.shuffle(packed)  # else the last ones, which are emptier, would share a step
    return [rows for rows in packed if rows]


def _biggest_first(lengths: Sequence[int], room: int, rng: Random) -> list[int]:
    if max(lengths, default=1) > room:
        raise ValueError(f"a row of {max(lengths)} tokens does not fit into {room}")
    order = list(range(len(lengths)))
    rng.shuffle(order)
    return sorted(order, key=lambda row: min(_BIG, room // max(lengths[row], 1)))


class Places:
    """Packed rows by the room they have left, found in log time: the leaves of a tree.

    A node holds the most room of any packed row below it.
    """

    def __init__(self, count: int, room: int) -> None:
        self.leaves = 1 << count.bit_length()
        self.free = [room] * (2 * self.leaves)

    def first(self, tokens: int, start: int = 0) -> int:
        """Find the first place from `start` on with room for `tokens`; there must be one."""
        node = start + self.leaves
        while self.free[node] < tokens:  # go up to the next one on the right
            while node % 2:
                node //= 2
            node += 1
        while node < self.leaves:
            node *= 2
            node += self.free[node] < tokens
        return node - self.leaves

    def take(self, place: int, tokens: int) -> None:
        """Fill `tokens` of the room of a place."""
        node = place + self.leaves
        self.free[node] -= tokens
        while node > 1:
            node //= 2
            self.free[node] = max(self.free[2 * node], self.free[2 * node + 1])


def split_to(packed: Packed, count: int) -> Packed:
    """Halve the packed rows that hold most until there are `count`, if there are rows enough.

    Epochs of a run need the same number of packed rows, and differ by one or two.
    """
    split = [list(rows) for rows in packed]
    while len(split) < count:
        fullest = max(range(len(split)), key=lambda number: len(split[number]))
        rows = split[fullest]
        if len(rows) < 2:
            break
        split[fullest] = rows[: len(rows) // 2]
        split.append(rows[len(rows) // 2 :])
    return split


def fill(packed: Packed, lengths: Sequence[int], room: int) -> float:
    """Return the share of the room that holds tokens, 0 to 1."""
    return sum(lengths[row] for rows in packed for row in rows) / (room * len(packed) or 1)


def short_share(packed: Packed, lengths: Sequence[int], short: int) -> float:
    """Return how much of all rows of `short` tokens at most the tenth with most of them holds.

    A packed row with none of them for each with ten is a step that forgets short answers.
    """
    counts = sorted((sum(lengths[row] <= short for row in rows) for rows in packed), reverse=True)
    return sum(counts[: -(-len(counts) // 10)]) / (sum(counts) or 1)
