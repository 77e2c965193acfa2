"""Band keys of rows that were compared before: made anew when settings ask for others.

Bands of another width share no keys, so new rows would not even meet their copies.
"""

import logging
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from tasks.adapters import store

log = logging.getLogger("flywheel.dedupe")


def rekey(
    warehouse: Path, pass_: str, made_with: str, keyed: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    """Give every row of a pass the keys that the settings of now ask for, a day at a time.

    What the rows are marked as does not change, so no later day becomes stale. A run that dies
    leaves some days to the next one. Nobody else may compare rows of the pass meanwhile.

    Args:
        warehouse: the store.
        pass_: prompts or answers.
        made_with: what the keys of now depend on besides the rows.
        keyed: from rows of the query `rekeyed_<pass>` to `id`, `keys`, `made_with`.
    """
    others = {"pass": pass_, "made_with": made_with}
    for day in store.select(warehouse, _DAYS, **others)["day"].to_list():
        rows = store.query(warehouse, f"rekeyed_{pass_}", day=day, made_with=made_with)
        if rows.height:  # of rows that are gone from their day no text is left
            log.info("%s %s: new band keys, as settings have changed", day, pass_)
            _replace(warehouse, pass_, day, keyed(rows))


def _replace(warehouse: Path, pass_: str, day: date, made: pl.DataFrame) -> None:
    with store.writing(warehouse) as con:
        rows = store.frame(con, _ROWS, **{"pass": pass_, "day": day})
        new = rows.select("pass", "day", "id", "kept").join(made, on="id", how="inner")
        stays = rows.join(made, on="id", how="anti")
        store.replace(con, "bands", day, pl.concat([stays, new]), **{"pass": pass_})


_DAYS = """
SELECT DISTINCT day FROM bands WHERE pass = $pass AND made_with <> $made_with ORDER BY day
"""
_ROWS = "FROM bands WHERE pass = $pass AND day = $day"
