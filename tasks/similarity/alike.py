"""What makes two rows the same: which of their texts have to be twins."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity.guard import is_template
from tasks.similarity.verify import are_twins

Proof = Callable[[str, str], float | None]  # (id, id of an earlier kept row) -> Jaccard of twins


class Alike(NamedTuple):
    """Two rows are the same when all these columns are twins, or the first one in some cases.

    fields        columns of text; the Jaccard of the first one is the rows'
    unless_equal  a column: rows that are equal in it need to be twins in the first field only
    guards        fields: two rows that fill one template with different things there are not the
                  same, though they are twins
    any_digits    whether rows with other numbers may follow one template
    """

    fields: tuple[str, ...]
    unless_equal: str | None = None
    guards: tuple[str, ...] = ()
    any_digits: bool = False

    @property
    def columns(self) -> list[str]:
        """All that is read of a row, without its id."""
        return [*self.fields, *([self.unless_equal] if self.unless_equal else [])]

    def proof(self, rows: pl.DataFrame, cfg: DedupeSettings) -> Proof:
        """Return the proof that two of these rows are the same."""
        said = {row["id"]: row for row in rows.select("id", *self.columns).iter_rows(named=True)}
        return lambda one, other: self._prove(said[one], said[other], cfg)

    def proof_of_template(self, rows: pl.DataFrame, cfg: DedupeSettings) -> Proof:
        """Return the proof that one of these rows follows another: their first fields are near."""
        said = dict(rows.select("id", self.fields[0]).iter_rows())
        return lambda one, other: are_twins(said[one], said[other], cfg, any_digits=self.any_digits)

    def _prove(
        self, a: Mapping[str, str], b: Mapping[str, str], cfg: DedupeSettings
    ) -> float | None:
        equal = self.unless_equal is not None and a[self.unless_equal] == b[self.unless_equal]
        compared = self.fields[:1] if equal else self.fields
        jaccards = [are_twins(a[field], b[field], cfg) for field in compared]
        if None in jaccards:
            return None
        guarded = (field for field in compared if field in self.guards)
        return None if any(is_template(a[field], b[field]) for field in guarded) else jaccards[0]
