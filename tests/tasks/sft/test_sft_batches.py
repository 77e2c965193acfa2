from pathlib import Path
from random import Random

import pytest

from tasks.sft.batches import Batches, plan_epochs
from tasks.sft.order import epoch_order
from tasks.sft.spec import TrainSpec

LENGTHS = [Random(n).randint(5, 90) for n in range(101)]


def spec(**given):
    told = {"base_model": "m", "rows": Path("r"), "out": Path("o"), "max_tokens": 100, "epochs": 5}
    return TrainSpec(**told | given)


@pytest.mark.parametrize("batching", ["padding", "padding_free", "packed", "concat"])
@pytest.mark.parametrize("at_once", [1, 4])
def test_every_epoch_has_as_many_batches_and_every_row_once(batching, at_once):
    epochs = plan_epochs(spec(batching=batching), LENGTHS, at_once)
    assert len(epochs) == 5
    assert len({len(batches) for batches in epochs}) == 1
    assert len({str(batches) for batches in epochs}) == 5
    for batches in epochs:
        assert sorted(row for batch in batches for row in batch) == list(range(101))


def test_part_of_an_epoch_is_planned_whole():
    assert len(plan_epochs(spec(epochs=1.2), LENGTHS, 4)) == 2


def test_padded_batches_are_those_of_the_epochs_order():
    batches = plan_epochs(spec(seed=9), LENGTHS, 4)[3]
    assert [row for batch in batches for row in batch] == epoch_order(LENGTHS, 4, 1, 9, 3)
    assert {len(batch) for batch in batches[:-1]} == {4}


@pytest.mark.parametrize("at_once", [1, 3])
def test_concat_fills_packed_rows_up_to_max_tokens(at_once):
    for batches in plan_epochs(spec(batching="concat"), LENGTHS, at_once):
        assert all(sum(LENGTHS[row] for row in rows) <= at_once * 100 for rows in batches)
        assert sum(LENGTHS) / (100 * at_once * len(batches)) > 0.85


def test_processes_get_as_many_batches_each_by_blanks_at_the_end():
    epochs = [[[0, 1], [2], [3]], [[2, 0], [1], [3]]]
    batches = Batches(epochs, processes=2, blank=9)
    assert (len(batches), list(batches)) == (4, [[0, 1], [2], [3], [9]])
    assert list(Batches(epochs, processes=3, blank=9)) == epochs[0]


def test_batches_are_those_of_the_epoch_that_begins():
    batches = Batches([[[0, 1], [2]], [[2, 0], [1]]])
    assert (len(batches), list(batches)) == (2, [[0, 1], [2]])
    batches.begin(1)
    assert list(batches) == [[2, 0], [1]]
