from datetime import date

import polars as pl

from schemas import contracts
from tasks.adapters import store


def test_a_key_over_2_to_the_63_meets_its_band(cfg):
    key = 2**64 - 1
    wanted = pl.DataFrame({"key": [key]}, schema={"key": pl.UInt64})
    row = {"pass": "prompts", "day": date(2026, 5, 1), "id": "a-0", "kept": True, "keys": [1, key]}
    row["made_with"] = ""
    with store.writing(cfg.warehouse) as con, store.registered(con, wanted, "wanted"):
        store.insert(con, "bands", contracts.frame("bands", [row]))
        met = store.frame(con, _MET)
    assert met["id"].to_list() == ["a-0"]


_MET = """
SELECT id FROM (SELECT id, unnest(keys) AS key FROM bands WHERE kept) JOIN wanted USING (key)
"""
