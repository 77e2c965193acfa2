"""Band keys: two texts that share one are worth comparing."""

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from schemas.errors import SettingsError
from tasks.similarity.shingles import U32
from tasks.similarity.signatures import NUM_PERM

U64 = npt.NDArray[np.uint64]

_AT_ONCE = 2_048  # rows, which stay in the processor's cache: three times as fast as all at once


def choose_bands(threshold: float, recall: float) -> tuple[int, int]:
    """Return the (bands, rows) with the fewest candidates among those that reach `recall`.

    A pair of Jaccard s shares a key with probability 1 - (1 - s^rows)^bands (Leskovec, Rajaraman
    and Ullman, Mining of Massive Datasets, 3.4.2); `recall` is asked of it at s = `threshold`.
    datasketch's `threshold=` balances both kinds of error instead: at .8 it takes (9, 13), with
    which 6 of 10 pairs at the threshold are never looked at.

    Raises:
        SettingsError: no bands over 128 permutations reach that recall at that threshold.
    """
    fits = []
    for rows in range(1, NUM_PERM + 1):
        bands = _fewest_bands(threshold, recall, rows)
        if bands * rows <= NUM_PERM:
            fits.append((_load(threshold, bands, rows), bands, rows))
    if not fits:
        raise SettingsError(
            f"dedupe.threshold {threshold} with dedupe.recall {recall} needs more than {NUM_PERM} "
            "permutations. Raise `threshold` or lower `recall` under [dedupe] in flywheel.toml."
        )
    return min(fits)[1:]


def collision(similarity: float, bands: int, rows: int) -> float:
    """Return the chance that two texts of this Jaccard similarity share a key."""
    return float(1 - (1 - similarity**rows) ** bands)


def band_keys(signatures: U32, bands: int, rows: int, salt: str | Sequence[str]) -> U64:
    """Return the keys of each row, [N, bands] uint64: rows of two salts share none.

    `salt` names who may be compared with whom (the pass and the task type), one for all rows or
    one per row. Keys are stored, so this function must give the same ones for ever.
    """
    salts = [salt] * len(signatures) if isinstance(salt, str) else list(salt)
    keys = _seeds(salts, bands)
    for first in range(0, len(keys), _AT_ONCE):
        some = slice(first, first + _AT_ONCE)
        _mix(keys[some], signatures[some, : bands * rows].reshape(-1, bands, rows))
    return keys


def _mix(keys: U64, minima: U32) -> None:
    """Fold the minima of each band into its key, [N, bands, rows] into [N, bands], in place."""
    for row in range(minima.shape[2]):
        keys ^= minima[:, :, row]
        keys *= np.uint64(0x9FB21C651E98DF25)  # odd, from XXH3's rrmxmx mixer
        keys ^= keys >> np.uint64(32)


def _seeds(salts: list[str], bands: int) -> U64:
    """Hash each salt with each band number, [N, bands]."""
    numbers: dict[str, int] = {}
    which = [numbers.setdefault(salt, len(numbers)) for salt in salts]
    table = [[_seed(salt, band) for band in range(bands)] for salt in numbers]
    return np.array(table, np.uint64).reshape(-1, bands)[np.array(which, np.int64)]


def _seed(salt: str, band: int) -> int:
    digest = blake2b(salt.encode(), digest_size=8, salt=band.to_bytes(2, "little"))
    return int.from_bytes(digest.digest(), "little")


def _fewest_bands(threshold: float, recall: float, rows: int) -> int:
    """Return the least number of bands that reach the recall, NUM_PERM + 1 where none does."""
    enough = (b for b in range(1, NUM_PERM + 1) if collision(threshold, b, rows) >= recall)
    return next(enough, NUM_PERM + 1)


def _load(threshold: float, bands: int, rows: int) -> float:
    """Sum the collisions of pairs that are no twins, over similarities below the threshold."""
    below = np.arange(0.05, threshold, 0.05)
    return sum(collision(similarity, bands, rows) for similarity in below)
