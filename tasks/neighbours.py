"""What the dedupe passes know of other days: band keys in the store, and whom a change concerns."""

from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from schemas import ddl
from schemas.stages import Stage
from tasks.adapters import store
from tasks.similarity.compiled import pays_off
from tasks.similarity.lookup import CompiledLookup, Lookup
from tasks.stage import Work

Keys = npt.NDArray[np.uint64]  # [rows, bands]


def carried_ids(warehouse: Path, work: Work) -> pl.DataFrame:
    """Return the `id` of every row of `work.carried` that can stay: its keeper is still kept."""
    carried = work.carried.rename({work.stage.key: "id"})
    keeper = pl.coalesce("duplicate_of", "template_of")
    with (
        store.reading(warehouse) as con,
        store.registered(con, carried.select(id=keeper), "wanted"),
    ):
        known = store.frame(con, _KEPT_BEFORE.format(work.stage), day=work.day)["id"]
    for _ in range(2):  # a keeper may itself follow a template that is gone
        kept = pl.concat([known, carried.filter(pl.col("drop_reason").is_null())["id"]])
        carried = carried.filter(keeper.is_null() | keeper.is_in(kept.implode()))
    return carried.select("id")


def earlier(
    warehouse: Path, query: str, day: date, keys: Keys, carried: pl.DataFrame
) -> pl.DataFrame:
    """Return kept rows that come before today's, oldest first; `key` lists those they share.

    Args:
        query: earlier_prompts or earlier_answers, in schemas/queries.
        carried: `id` of rows of today that stay as they are.
    """
    pass_ = query.removeprefix("earlier_")
    with store.reading(warehouse) as con:
        with store.registered(con, carried, "carried"):
            met = _sharing(store.frame(con, _HELD, **{"pass": pass_, "day": day}), keys)
        with store.registered(con, met.select("row"), "met"):
            rows = store.frame(con, ddl.query(query))
    return rows.join(met, on="row", maintain_order="left").drop("row")


def _sharing(bands: pl.DataFrame, keys: Keys) -> pl.DataFrame:
    """Return `row` and the list `key` of those with any of these keys; of theirs, those.

    Here and not in SQL: of the keys of all days DuckDB asks a hash table that fits no cache, and
    holds them all in memory.
    """
    held = bands["keys"].explode().to_numpy()
    lookup = CompiledLookup if pays_off(len(keys)) else Lookup
    hits = lookup(keys.reshape(-1)).places(held)
    ends = bands["keys"].list.len().cum_sum().to_numpy()
    rows = bands["row"].gather(np.searchsorted(ends, hits, side="right"))
    shared = pl.DataFrame({"row": rows, "key": held[hits]})
    return shared.group_by("row", maintain_order=True).agg("key")


def template_counts(
    warehouse: Path, stage: Stage, day: date, carried: pl.DataFrame
) -> dict[str, int]:
    """Return how many kept rows of a pass, before today's that are new, follow each template."""
    with store.reading(warehouse) as con, store.registered(con, carried, "carried"):
        return dict(store.frame(con, _FOLLOWERS.format(stage), day=day).iter_rows())


def rewrite_bands(
    con: store.Connection, stage: Stage, day: date, made: pl.DataFrame, now: pl.DataFrame
) -> None:
    """Replace the day's bands, and make later days stale that share a key which changed hands.

    A template changes hands with its followers: they fill its cap. Called while the store still
    has the day's old rows.

    Args:
        made: `id`, `keys`, `made_with` of the rows whose keys were computed now; the others keep
            theirs.
        now: the day's final rows of the stage's table.
    """
    pass_ = stage.name.removeprefix("dedupe_")
    old_bands = store.frame(con, _BANDS, **{"pass": pass_, "day": day})
    before = store.frame(con, f"FROM {stage.writes[0]} WHERE day = $day", day=day)
    stays = old_bands.join(made, on="id", how="anti").join(
        now.select(id=stage.key), on="id", how="semi"
    )
    bands = pl.concat([stays, made])
    is_kept = pl.col("id").is_in(_kept(now, stage)["id"].implode())
    rows = bands.with_columns(pl.lit(pass_).alias("pass"), day=pl.lit(day), kept=is_kept)
    store.replace(con, "bands", day, rows, **{"pass": pass_})
    if store.frame(con, _LATER, stage=stage.name, day=day).height:  # on most nights there are none
        changed = _changed(_kept(before, stage), _kept(now, stage))
        _make_stale(con, stage, day, changed, pl.concat([old_bands, bands]))


def _make_stale(
    con: store.Connection, stage: Stage, day: date, changed: pl.DataFrame, bands: pl.DataFrame
) -> None:
    """Make later days stale that share a key with a changed row, of this day or a template.

    Also those whose rows it keeps or leads: a row that is gone may have keys of other settings.
    """
    which = {"pass": stage.name.removeprefix("dedupe_"), "day": day}
    here = bands.join(changed, on="id", how="semi").select("keys")
    with store.registered(con, changed, "changed"):
        elsewhere = store.frame(con, _KEYS_BEFORE, **which)
        con.execute(_MAKE_MARKED_STALE.format(stage.writes[0]), {"stage": stage.name, "day": day})
    moved = pl.concat([here, elsewhere]).select(key=pl.col("keys").explode()).unique()
    with store.registered(con, moved, "moved"):
        con.execute(_MAKE_STALE, {"stage": stage.name, **which})


def _kept(rows: pl.DataFrame, stage: Stage) -> pl.DataFrame:
    """Return what later rows see of these: which are kept, and whether they are what they were."""
    kept = rows.filter(pl.col("drop_reason").is_null())
    return kept.select(pl.col(stage.key).alias("id"), "input_hash", "template_of")


def _changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return the `id` of rows that came, went or changed, and of the templates they follow."""
    same = ["id", "input_hash", "template_of"]
    gone = before.join(after, on=same, how="anti", nulls_equal=True)
    new = after.join(before, on=same, how="anti", nulls_equal=True)
    rows = pl.concat([gone, new])
    return pl.concat([rows.select("id"), rows.select(id="template_of").drop_nulls()]).unique()


_KEPT_BEFORE = """
SELECT {0.key} AS id FROM {0.writes[0]} WHERE day < $day AND drop_reason IS NULL
  AND {0.key} IN (SELECT id FROM wanted)
"""
_FOLLOWERS = """
SELECT template_of, count(*) AS followers FROM {0.writes[0]}
WHERE template_of IS NOT NULL AND drop_reason IS NULL
  AND (day < $day OR (day = $day AND {0.key} IN (SELECT id FROM carried)))
GROUP BY template_of
"""
_HELD = """
SELECT rowid AS row, keys FROM bands WHERE pass = $pass AND kept AND day < $day
UNION ALL
SELECT rowid AS row, keys FROM bands
WHERE pass = $pass AND kept AND day = $day AND id IN (FROM carried)
"""
_BANDS = "SELECT id, keys, made_with FROM bands WHERE pass = $pass AND day = $day"
_KEYS_BEFORE = """
SELECT keys FROM bands WHERE pass = $pass AND day < $day AND id IN (FROM changed)
"""
_LATER = "SELECT day FROM stage_runs WHERE stage = $stage AND day > $day LIMIT 1"
_MAKE_MARKED_STALE = """
UPDATE stage_runs SET stale = 'an earlier day changed'
WHERE stage = $stage AND day > $day AND day IN (
    SELECT day FROM {} WHERE coalesce(duplicate_of, template_of) IN (FROM changed)
)
"""
_MAKE_STALE = """
WITH later AS (SELECT day, unnest(keys) AS key FROM bands WHERE pass = $pass AND day > $day)
UPDATE stage_runs SET stale = 'an earlier day changed'
WHERE stage = $stage AND day > $day
  AND day IN (SELECT day FROM later SEMI JOIN moved USING (key))
"""
