"""A store made by an older flywheel opens in this one, with its rows."""

import duckdb
import pytest

from schemas import ddl
from tasks.adapters import store

BEFORE_VOTES = """
ALTER TABLE tagged_prompts DROP COLUMN tag_key;
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
DELETE FROM migrations WHERE version > 1;
"""


@pytest.fixture
def old_store(tmp_path):
    """Make a store as it was before the second migration."""
    warehouse = tmp_path / "var" / "warehouse.duckdb"
    store.prepare(warehouse)
    with duckdb.connect(str(warehouse)) as con:
        for view in reversed(ddl.views()):
            con.execute(f"DROP VIEW {view.name}")
        con.execute(BEFORE_VOTES)
    return warehouse


def test_records_keep_the_id_that_votes_name_them_by(old_store):
    store.prepare(old_store)
    kept = store.select(old_store, "SELECT record_id, ref_keys FROM records ORDER BY record_id")
    assert kept.rows() == [("r1", ["k"]), ("r2", [])]


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
