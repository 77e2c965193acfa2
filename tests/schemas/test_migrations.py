"""A store made by an older flywheel opens in this one, with its rows."""

from datetime import date

import duckdb
import pytest

from schemas import ddl
from tasks import ledger
from tasks.adapters import store

BEFORE_VOTES = """
ALTER TABLE chats DROP COLUMN vote;
ALTER TABLE chats DROP COLUMN tools;
ALTER TABLE records DROP COLUMN format;
ALTER TABLE votes DROP COLUMN within_key;
ALTER TABLE records DROP COLUMN ref_keys;
ALTER TABLE records DROP COLUMN message_keys;
ALTER TABLE records DROP COLUMN session_keys;
ALTER TABLE records ADD COLUMN session_key VARCHAR;
ALTER TABLE records ADD COLUMN ref_key VARCHAR;
INSERT INTO records BY NAME
SELECT DATE '2026-03-02' AS day, unnest(['r1', 'r2']) AS record_id, 'logs' AS source,
       'a.jsonl' AS path, 1 AS line, 'd' AS digest, 'chat' AS outcome,
       unnest(['k', NULL]) AS ref_key;
"""

BEFORE_DETAILS = "ALTER TABLE checked_answers DROP COLUMN detail;"

BEFORE_TAG_KEYS = BEFORE_DETAILS + "ALTER TABLE tagged_prompts DROP COLUMN tag_key;"

BEFORE_SETTINGS = (
    BEFORE_TAG_KEYS
    + """
ALTER TABLE stage_runs DROP COLUMN settings;
INSERT INTO stage_runs BY NAME
SELECT 'filter' AS stage, DATE '2026-03-02' AS day, 'r' AS run_id, 'complete' AS status,
       3 AS rows_in, 2 AS kept, 1 AS dropped, 0 AS quarantined, 0 AS pending, 'f' AS fingerprint,
       'c' AS code_version, '' AS inputs, '' AS outputs, 0.1 AS seconds,
       TIMESTAMP '2026-03-02' AS finished_at;
"""
)


def store_before(warehouse, version, undo):
    """Make a store as it was before the migration `version`."""
    store.prepare(warehouse)
    with duckdb.connect(str(warehouse)) as con:
        for view in reversed(ddl.views()):
            con.execute(f"DROP VIEW {view.name}")
        con.execute(undo)
        con.execute("DELETE FROM migrations WHERE version >= ?", [version])
    return warehouse


@pytest.fixture
def old_store(tmp_path):
    """A store as it was before the second migration."""
    return store_before(tmp_path / "var" / "warehouse.duckdb", 2, BEFORE_SETTINGS + BEFORE_VOTES)


def test_records_keep_the_id_that_votes_name_them_by(old_store):
    store.prepare(old_store)
    kept = store.select(old_store, "SELECT record_id, ref_keys FROM records ORDER BY record_id")
    assert kept.rows() == [("r1", ["k"]), ("r2", [])]


def test_runs_of_an_older_flywheel_stay_and_have_no_settings(tmp_path):
    old = store_before(tmp_path / "var" / "warehouse.duckdb", 3, BEFORE_SETTINGS)
    store.prepare(old)
    (run,) = ledger.runs(old).to_dicts()
    assert (run["run_id"], run["kept"], run["settings"]) == ("r", 2, None)
    with store.writing(old) as con:
        ledger.write(
            con, ledger.StageRun("filter", date(2026, 3, 2), "r2", "complete", settings="{}")
        )
    assert ledger.runs(old)["settings"].to_list() == ["{}"]


def test_tags_of_before_packs_stay_and_name_nothing_that_was_shown(old_store):
    with duckdb.connect(str(old_store)) as con:
        con.execute(
            "INSERT INTO tagged_prompts BY NAME SELECT DATE '2026-03-02' AS day, 'p' AS prompt_id, "
            "'qa' AS area, 'how_to' AS kind, 1 AS confidence, 'model' AS tagger, "
            "1 AS taxonomy_version, 0 AS input_hash"
        )
    store.prepare(old_store)
    kept = store.select(old_store, "SELECT prompt_id, kind, tag_key FROM tagged_prompts")
    assert kept.rows() == [("p", "how_to", None)]


def test_migrated_tables_have_the_columns_of_new_ones(old_store):
    store.prepare(old_store)
    for name, table in ddl.tables().items():
        columns = store.select(old_store, f"FROM {name} LIMIT 0").columns
        assert set(columns) == {column.name for column in table.columns}
