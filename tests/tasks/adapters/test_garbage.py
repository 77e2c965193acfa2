import gc

import pytest

from tasks.adapters.garbage import OBJECTS, seldom_sought


@pytest.fixture(autouse=True)
def _usual():
    usual = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*usual)


def test_garbage_is_sought_as_usual_once_the_last_block_is_over():
    with seldom_sought():
        with seldom_sought():
            assert gc.get_threshold() == (OBJECTS, 10, 10)
        assert gc.get_threshold() == (OBJECTS, 10, 10)
    assert gc.get_threshold() == (700, 10, 10)


def test_an_error_leaves_no_block_behind():
    with pytest.raises(KeyError), seldom_sought():
        raise KeyError
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("first", [0, 2 * OBJECTS])
def test_a_user_who_has_it_sought_more_seldom_keeps_that(first):
    gc.set_threshold(first, 5, 5)
    with seldom_sought():
        assert gc.get_threshold() == (first, 5, 5)
    assert gc.get_threshold() == (first, 5, 5)
