"""`mark_repeats` by way of the compiled choice: frames in, frames out."""

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.settings import DedupeSettings
from tasks.similarity import kept
from tasks.similarity.alike import Alike
from tasks.similarity.buckets import Buckets, bucketed
from tasks.similarity.greedy import Compared, Followers
from tasks.similarity.loop import Marks
from tasks.similarity.rounds import Known, Wanted, choose
from tasks.similarity.shingles import I64

U64 = npt.NDArray[np.uint64]


def marked(given: Compared, same: Alike, cfg: DedupeSettings, followers: Followers) -> pl.DataFrame:
    """Do as `mark_repeats` says."""
    known = kept.both(given.rows, given.history, same)
    texts, found = _texts(known, same), _buckets(given.keys, given.history, known)
    if followers.most:
        originals = given.history.filter(pl.col("template_of").is_null())["id"]
        texts.originals[:] = known["id"].is_in(originals.implode()).to_numpy()
        counts = known["id"].replace_strict(followers.counts, default=0, return_dtype=pl.Int64)
        texts.followers[:] = counts.to_numpy()
    wanted = Wanted(kept.CAP, followers.most, _guards(same), same.any_digits)
    marks = choose(texts, found, cfg, wanted)
    return _frame(known["id"], marks)


def _guards(alike: Alike) -> int:
    return sum(1 << alike.fields.index(field) for field in alike.guards)


def _texts(known: pl.DataFrame, alike: Alike) -> Known:
    """Return all rows, none of them original or followed yet."""
    count = known.height
    owners: I64 = np.arange(count)
    if alike.unless_equal is not None:
        owners = known[alike.unless_equal].rank("dense").to_numpy().astype(np.int64)
    fields = [known[field].to_list() for field in alike.fields]
    return Known(fields, owners, np.zeros(count, np.bool_), np.zeros(count, np.int64))


def _buckets(keys: U64, history: pl.DataFrame, known: pl.DataFrame) -> Buckets:
    rows = known.select("id").with_row_index("row").head(known.height - len(keys))
    filled = history.select("id", "key").join(rows, on="id").sort("row", maintain_order=True)
    return bucketed(keys, filled["key"].to_numpy(), filled["row"].to_numpy().astype(np.int64))


def _frame(ids: pl.Series, marks: Marks) -> pl.DataFrame:
    """Name the rows of the marks by id."""
    count = len(marks.keeper)
    return pl.DataFrame(
        {
            "id": ids[len(ids) - count :],
            "duplicate_of": _named(ids, marks.keeper),
            "template_of": _named(ids, marks.template),
            "jaccard": pl.Series(marks.jaccard).fill_nan(None),
            "over_cap": marks.over,
        }
    )


def _named(ids: pl.Series, rows: I64) -> pl.Series:
    numbers = pl.DataFrame({"row": rows}).select(pl.when(pl.col("row") >= 0).then("row"))
    return numbers.select(pl.lit(ids).gather(pl.col("row"))).to_series()
