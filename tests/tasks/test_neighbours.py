import polars as pl

from tasks.adapters import store


def test_a_key_over_2_to_the_63_meets_its_band(cfg):
    key = 2**64 - 1
    frame = pl.DataFrame({"key": [key]}, schema={"key": pl.UInt64})
    band = {"pass": ["prompts"], "day": ["2026-05-01"], "id": ["a-0"], "kept": [True]}
    bands = pl.DataFrame(band).with_columns(pl.col("day").str.to_date()).hstack(frame)
    with store.writing(cfg.warehouse) as con, store.registered(con, frame, "wanted"):
        store.insert(con, "bands", bands)
        met = store.frame(con, "SELECT b.id FROM bands b JOIN wanted USING (key) WHERE b.kept")
    assert met["id"].to_list() == ["a-0"]
