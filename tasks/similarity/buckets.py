"""Who meets whom: rows that share a band key, in the order in which they came; compiled."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tasks.similarity.compiled import compiled
from tasks.similarity.repeated import may_repeat
from tasks.similarity.shingles import I64

U64 = npt.NDArray[np.uint64]


class Buckets(NamedTuple):
    """Groups of rows that share a key. Rows are numbered by age, those of the history first.

    groups   [N, B] int64  the group of each key of each new row; -1: nobody else has the key
    starts   [G] int64     where the members of a group begin
    filled   [G] int64     how many of them are filled in: kept rows only
    members  [any] int64   rows, oldest first
    """

    groups: I64
    starts: I64
    filled: I64
    members: I64


class Collisions(NamedTuple):
    """Scratch: the rows in buckets that one row shares keys with.

    rows    [rows] int64  the first `n` are meant
    shared  [rows] int64  shared keys of each
    stamp   [rows] int64  by row, the last visit in which it was found
    place   [rows] int64  by row, where it stands in `rows`
    visits  [1] int64     how many there were; a row that waited for an answer comes again
    """

    rows: I64
    shared: I64
    stamp: I64
    place: I64
    visits: I64


def bucketed(keys: U64, old_keys: U64, old_rows: I64) -> Buckets:
    """Seat the history, and reserve a place for every new row.

    Args:
        keys: [N, B] of the new rows.
        old_keys: [E] keys of the history; `old_rows` [E] says whose, in order of age.
    """
    found, sizes = _numbered(np.concatenate([old_keys, keys.reshape(-1)]))
    starts = np.cumsum(sizes) - sizes
    members = np.empty(int(sizes.sum()), np.int64)
    made = Buckets(
        found[len(old_keys) :].reshape(keys.shape), starts, np.zeros_like(starts), members
    )
    _insert_all(made, old_rows, found[: len(old_rows)])
    return made


def no_collisions(rows: int) -> Collisions:
    """Return scratch for so many rows."""
    found, shared, stamp, place = (np.zeros(rows, np.int64) for _ in range(4))
    return Collisions(found, shared, stamp, place, np.zeros(1, np.int64))


def _numbered(keys: U64) -> tuple[I64, I64]:
    """Return a number for each key that occurs more than once, -1 for others; and their counts."""
    places = may_repeat(keys)
    places = places[np.argsort(keys[places])]
    ordered = keys[places]
    begins = np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1]])[: len(ordered)])
    sizes = np.diff(np.concatenate([begins, [len(ordered)]]))
    several = sizes > 1
    numbers = np.where(several, np.cumsum(several) - 1, -1)
    found: I64 = np.full(len(keys), -1)
    found[places] = np.repeat(numbers, sizes)
    return found, sizes[several]


@compiled
def _insert_all(buckets: Buckets, rows: I64, groups: I64) -> None:
    for n in range(len(rows)):
        _put(buckets, rows[n], groups[n])


@compiled
def _put(buckets: Buckets, row: int, group: int) -> None:
    if group >= 0:
        buckets.members[buckets.starts[group] + buckets.filled[group]] = row
        buckets.filled[group] += 1


@compiled
def insert(buckets: Buckets, n: int, row: int) -> None:
    """Let later rows meet the new row `n`, which is number `row` of all."""
    for group in buckets.groups[n]:
        _put(buckets, row, group)


@compiled
def collide(buckets: Buckets, n: int, found: Collisions) -> int:
    """Find the rows in buckets that share keys with the new row `n`; return how many they are."""
    count = 0
    found.visits[0] += 1
    visit = found.visits[0]
    for group in buckets.groups[n]:
        if group < 0:
            continue
        first = buckets.starts[group]
        for other in buckets.members[first : first + buckets.filled[group]]:
            if found.stamp[other] != visit:
                found.stamp[other], found.place[other] = visit, count
                found.rows[count], found.shared[count] = other, 0
                count += 1
            found.shared[found.place[other]] += 1
    return count


@compiled
def reachable(
    buckets: Buckets, first: int, last: int, age: int, wanted: npt.NDArray[np.bool_]
) -> None:
    """Mark the new rows [first, last) that may meet anybody, and whom they may meet.

    `age` is the number of the first new row among all rows.
    """
    for n in range(first, last):
        for group in buckets.groups[n]:
            if group >= 0:
                wanted[age + n] = True
                at = buckets.starts[group]
                for other in buckets.members[at : at + buckets.filled[group]]:
                    wanted[other] = True
