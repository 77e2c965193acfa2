import numpy as np
import pytest

from schemas.errors import SettingsError
from tasks.similarity.bands import band_keys, choose_bands, collision
from tasks.similarity.signatures import signatures

SKY = "Why is the sky blue at noon and red in the evening?"


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7, 0.8, 0.9, 1.0])
@pytest.mark.parametrize("recall", [0.9, 0.995, 0.9999])
def test_bands_reach_the_recall_within_128_permutations(threshold, recall):
    bands, rows = choose_bands(threshold, recall)
    assert 1 - (1 - threshold**rows) ** bands >= recall
    assert bands * rows <= 128


@pytest.mark.parametrize(("threshold", "chosen"), [(0.7, (20, 4)), (0.8, (18, 6))])
def test_bands_of_the_usual_thresholds_are_those_the_store_holds(threshold, chosen):
    assert choose_bands(threshold, 0.995) == chosen


def test_keys_are_those_the_store_holds():
    minima = np.arange(128, dtype=np.uint32)[None] * np.uint32(2654435761)
    keys = band_keys(minima, 2, 3, "prompts/qa/how_to")
    assert keys.tolist() == [[16623374169654749616, 4425773648248931809]]


def test_keys_do_not_depend_on_which_rows_are_computed_together():
    minima = np.random.default_rng(1).integers(0, 2**32, (5_000, 128), np.uint32)
    salts = [f"prompts/{n % 7}" for n in range(5_000)]
    together = band_keys(minima, 18, 6, salts)
    for n in (0, 2_047, 2_048, 4_999):
        assert (band_keys(minima[n : n + 1], 18, 6, salts[n]) == together[n]).all()


def test_pairs_far_below_the_threshold_seldom_collide():
    assert collision(0.3, *choose_bands(0.8, 0.995)) < 0.02


def test_recall_out_of_reach_says_what_to_change():
    with pytest.raises(SettingsError, match="Raise `threshold` or lower `recall`"):
        choose_bands(0.01, 0.995)


def test_equal_texts_share_every_key_of_their_salt_and_none_of_another():
    keys = band_keys(signatures([SKY, SKY.upper(), SKY]), 18, 6, ["a/b", "a/b", "a/c"])
    assert (keys[0] == keys[1]).all()
    assert not set(keys[0].tolist()) & set(keys[2].tolist())


def test_band_number_is_part_of_the_key():
    (keys,) = band_keys(np.zeros((1, 128), np.uint32), 18, 6, "a/b")
    assert len(set(keys.tolist())) == 18


def test_one_salt_serves_all_rows():
    rows = signatures([SKY, "abc"])
    np.testing.assert_array_equal(band_keys(rows, 4, 2, "s"), band_keys(rows, 4, 2, ["s", "s"]))


def test_keys_of_no_rows_keep_their_shape():
    assert band_keys(signatures([]), 18, 6, []).shape == (0, 18)


def test_keys_do_not_change_between_versions():
    rows = np.arange(128, dtype=np.uint32).reshape(1, 128)
    assert band_keys(rows, 2, 3, "prompts/code/write").tolist() == [
        [17870176601112089807, 5042249285440608676]
    ]
