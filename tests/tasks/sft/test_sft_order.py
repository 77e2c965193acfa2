from random import Random

import pytest

from tasks.sft.order import epoch_order

LENGTHS = [Random(n).randint(5, 300) for n in range(1_003)]


def padding(lengths, order, batch):
    batches = [order[start : start + batch] for start in range(0, len(order), batch)]
    return sum(max(lengths[row] for row in b) * len(b) for b in batches) / sum(lengths) - 1


@pytest.mark.parametrize("rows", [0, 1, 7, 8, 9, 1_003])
@pytest.mark.parametrize("accumulate", [1, 4])
def test_an_epoch_visits_every_row_once(rows, accumulate):
    assert sorted(epoch_order(LENGTHS[:rows], 8, accumulate, 7, 0)) == list(range(rows))


def test_the_order_depends_on_seed_and_epoch_and_nothing_else():
    order = epoch_order(LENGTHS, 8, 1, 7, 2)
    assert order == epoch_order(LENGTHS, 8, 1, 7, 2)
    assert order != epoch_order(LENGTHS, 8, 1, 7, 3)
    assert order != epoch_order(LENGTHS, 8, 1, 8, 2)


def test_batches_of_a_step_are_alike_in_length():
    assert padding(LENGTHS, epoch_order(LENGTHS, 8, 1, 7, 0), 8) > 0.5
    assert padding(LENGTHS, epoch_order(LENGTHS, 8, 16, 7, 0), 8) < 0.15


def test_every_step_holds_short_and_long_rows():
    lengths = [10] * 500 + [300] * 500
    order = epoch_order(lengths, 16, 2, 7, 0)
    short = [sum(lengths[row] == 10 for row in order[s : s + 32]) for s in range(0, 992, 32)]
    assert min(short) > 5
    assert max(short) < 27
