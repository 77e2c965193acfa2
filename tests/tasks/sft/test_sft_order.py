from itertools import pairwise
from random import Random

import pytest

from tasks.sft.order import epoch_order

LENGTHS = [Random(n).randint(5, 300) for n in range(1_003)]


def padding(lengths, order, batch):
    batches = [order[start : start + batch] for start in range(0, len(order), batch)]
    return sum(max(lengths[row] for row in b) * len(b) for b in batches) / sum(lengths) - 1


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 1_003])
def test_an_epoch_visits_every_row_once(rows):
    assert sorted(epoch_order(LENGTHS[:rows], 8, 7, 0)) == list(range(rows))


def test_the_order_depends_on_seed_and_epoch_and_nothing_else():
    order = epoch_order(LENGTHS, 8, 7, 2)
    assert order == epoch_order(LENGTHS, 8, 7, 2)
    assert order != epoch_order(LENGTHS, 8, 7, 3)
    assert order != epoch_order(LENGTHS, 8, 8, 2)


def test_rows_of_a_batch_are_alike_in_length():
    by_chance = Random(1).sample(range(len(LENGTHS)), len(LENGTHS))
    assert padding(LENGTHS, epoch_order(LENGTHS, 16, 7, 0), 16) < 0.15
    assert padding(LENGTHS, by_chance, 16) > 0.5


def test_long_and_short_batches_come_mixed():
    order = epoch_order(LENGTHS, 8, 7, 0)
    means = [sum(LENGTHS[row] for row in order[s : s + 8]) / 8 for s in range(0, 1_000, 8)]
    grows = sum(after > before for before, after in pairwise(means))
    assert 40 < grows < 85, "of 124 steps; nearly all where batches stay sorted within groups"


def test_the_short_batch_goes_last_so_all_others_are_whole():
    order = epoch_order(LENGTHS, 8, 7, 0)
    firsts = [sorted(LENGTHS[row] for row in order[s : s + 8]) for s in range(0, 1_000, 8)]
    assert all(batch[-1] - batch[0] < 60 for batch in firsts)
