import numpy as np
import pytest

from tasks.similarity import lookup
from tasks.similarity.lookup import CompiledLookup, Lookup


@pytest.fixture(params=[Lookup, CompiledLookup])
def made(request):
    """Each way to look hashes up."""
    if request.param is CompiledLookup:
        request.getfixturevalue("compiled_only")
    return request.param


@pytest.mark.parametrize("count", [0, 1, 5, 1_000])
def test_places_are_those_where_a_wanted_hash_stands(monkeypatch, made, count):
    monkeypatch.setattr(lookup, "_AT_ONCE", 700)  # several parts, the last one shorter
    rng = np.random.default_rng(count)
    wanted = rng.integers(0, 1 << 64, count, np.uint64)
    hashes = np.concatenate([rng.integers(0, 1 << 64, 2_000, np.uint64), wanted, wanted + 1])
    rng.shuffle(hashes)
    expected = np.flatnonzero(np.isin(hashes, wanted))
    assert made(np.repeat(wanted, 2)).places(hashes).tolist() == expected.tolist()


def test_among_no_hashes_none_is_found(made):
    assert made(np.arange(3, dtype=np.uint64)).places(np.empty(0, np.uint64)).tolist() == []


def test_the_least_and_the_greatest_hash_are_found(made):
    ends = np.array([0, (1 << 64) - 1], np.uint64)
    assert made(ends).places(np.repeat(ends, 2)).tolist() == [0, 1, 2, 3]
    assert made(ends).places(np.array([1, 1 << 63], np.uint64)).tolist() == []
