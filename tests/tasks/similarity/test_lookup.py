import numpy as np
import pytest

from tasks.similarity import lookup
from tasks.similarity.lookup import Lookup


@pytest.mark.parametrize("count", [0, 1, 5, 1_000])
def test_places_are_those_where_a_wanted_hash_stands(monkeypatch, count):
    monkeypatch.setattr(lookup, "_AT_ONCE", 700)  # several parts, the last one shorter
    rng = np.random.default_rng(count)
    wanted = rng.integers(0, 1 << 64, count, np.uint64)
    hashes = np.concatenate([rng.integers(0, 1 << 64, 2_000, np.uint64), wanted, wanted + 1])
    rng.shuffle(hashes)
    expected = np.flatnonzero(np.isin(hashes, wanted))
    assert Lookup(np.repeat(wanted, 2)).places(hashes).tolist() == expected.tolist()


def test_among_no_hashes_none_is_found():
    assert Lookup(np.arange(3, dtype=np.uint64)).places(np.empty(0, np.uint64)).tolist() == []
