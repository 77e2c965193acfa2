import numpy as np
import pytest

pytest.importorskip("numba")

from tasks.similarity.repeated import may_repeat

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("count", [0, 1, 2, 63, 64, 1_000, 100_000])
def test_all_repeated_hashes_are_found_and_few_others(count):
    hashes = RNG.integers(0, 2**64, count, np.uint64)
    hashes[count // 2 :] = RNG.permutation(hashes[: count - count // 2])
    single = RNG.integers(0, 2**64, count, np.uint64)
    both = RNG.permutation(np.concatenate([hashes, single]))
    found = may_repeat(both)
    values, counts = np.unique(both, return_counts=True)
    repeated = np.flatnonzero(np.isin(both, values[counts > 1]))
    assert np.isin(repeated, found).all()
    assert (np.diff(found) > 0).all()
    assert len(found) - len(repeated) <= max(3, len(both) // 5)


def test_hashes_with_the_same_leading_bits_are_taken_for_repeated_ones():
    assert may_repeat(np.array([5, 5, 6], np.uint64)).tolist() == [0, 1, 2]
