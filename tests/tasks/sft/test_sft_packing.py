from itertools import pairwise
from random import Random

import pytest

from tasks.sft.packing import Places, fill, pack, short_share, split_to

ROOM = 1_024
RNG = Random(11)
# chats: four essays to each answer of a few tokens
LENGTHS = [RNG.randint(100, 900) if n % 5 else RNG.randint(4, 20) for n in range(4_000)]
FEW = LENGTHS[:40]


@pytest.fixture(scope="module")
def packed():
    return pack(LENGTHS, ROOM, 7, 0)


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 40])
def test_every_row_is_packed_once_and_whole(rows):
    packed = pack(FEW[:rows], ROOM, 7, 0)
    assert sorted(row for one in packed for row in one) == list(range(rows))
    assert all(sum(FEW[row] for row in one) <= ROOM for one in packed)


def test_a_row_longer_than_the_room_is_no_row_to_pack():
    with pytest.raises(ValueError, match="11 tokens does not fit into 10"):
        pack([3, 11], 10, 7, 0)


def test_rows_that_fill_their_room_stand_alone():
    assert sorted(pack([10, 10, 10], 10, 7, 0)) == [[0], [1], [2]]


def test_the_packing_depends_on_seed_and_epoch_and_nothing_else():
    packed = pack(FEW, ROOM, 7, 2)
    assert packed == pack(FEW, ROOM, 7, 2)
    assert packed != pack(FEW, ROOM, 7, 3)
    assert packed != pack(FEW, ROOM, 8, 2)


def test_little_room_is_left(packed):
    assert fill(packed, LENGTHS, ROOM) >= 0.97


def best_fit_by_length(lengths, room):
    """TRL's bfd: the longest first, each where least room is left."""
    free, packed = [], []
    for row in sorted(range(len(lengths)), key=lambda row: -lengths[row]):
        fits = [(left, place) for place, left in enumerate(free) if left >= lengths[row]]
        place = min(fits)[1] if fits else len(free)
        if not fits:
            free.append(room)
            packed.append([])
        free[place] -= lengths[row]
        packed[place].append(row)
    return packed


def test_short_rows_do_not_clump_as_in_best_fit_by_length(packed):
    lengths = LENGTHS[:1_000]
    clumped = best_fit_by_length(lengths, ROOM)
    assert short_share(clumped, lengths, 20) > 0.6
    assert short_share(packed, LENGTHS, 20) < 0.5
    by_chance = [[] for _ in packed]
    for row in range(len(LENGTHS)):
        by_chance[RNG.randrange(len(packed))].append(row)
    assert short_share(by_chance, LENGTHS, 20) > 0.35


def test_fuller_and_emptier_rows_come_mixed(packed):
    sums = [sum(LENGTHS[row] for row in one) for one in packed]
    tail = sums[-len(sums) // 10 :]
    assert sum(tail) / len(tail) > 0.95 * ROOM
    assert sum(after > before for before, after in pairwise(tail)) > len(tail) / 4


def test_places_are_found_from_left_to_right_as_by_looking_at_each():
    places, free = Places(50, 100), [100] * 64
    for _ in range(300):
        tokens, start = RNG.randint(1, 30), RNG.randrange(20)
        place = next(n for n in range(start, 64) if free[n] >= tokens)
        assert places.first(tokens, start) == place
        places.take(place, tokens)
        free[place] -= tokens
        if sum(free) < 2_000:
            places, free = Places(50, 100), [100] * 64


def test_the_fullest_rows_are_halved_until_there_are_enough():
    assert split_to([[1, 2, 3], [4]], 3) == [[1], [4], [2, 3]]
    assert split_to([[1], [2]], 5) == [[1], [2]]
    packed = [[1, 2], [3]]
    assert split_to(packed, 2) == packed


def test_the_share_of_short_rows_is_that_of_the_richest_tenth():
    packed = [[0, 1, 2], *[[n] for n in range(3, 12)]]
    lengths = [1, 1, 1, 1, *[50] * 8]
    assert short_share(packed, lengths, 5) == 0.75
    assert short_share(packed, lengths, 0) == 0
