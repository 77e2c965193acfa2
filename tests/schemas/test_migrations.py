"""A store made by an older flywheel opens in this one, with its rows."""

from datetime import date

import duckdb
import pytest

from schemas import contracts, ddl
from schemas.batch import Batch
from tasks import ledger
from tasks.adapters import store
from tasks.datasets.versions import rehash

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

BEFORE_BANDS_OF_A_ROW = """
DROP TABLE bands;
CREATE TABLE bands (
    pass VARCHAR NOT NULL, day DATE NOT NULL, key UBIGINT NOT NULL, id VARCHAR NOT NULL,
    kept BOOLEAN NOT NULL
);
INSERT INTO bands VALUES ('prompts', DATE '2026-03-02', 18446744073709551615, 'p', true),
    ('prompts', DATE '2026-03-02', 7, 'p', true), ('answers', DATE '2026-03-02', 7, 'p', false);
"""

WATCHED = ("best_step", "stop_rates", "checks", "notes", "pad_reason")
BEFORE_TWINS_VOTES = "ALTER TABLE answers DROP COLUMN logged_for;"
BEFORE_OTHER_BANDS = "ALTER TABLE bands DROP COLUMN IF EXISTS made_with;" + BEFORE_TWINS_VOTES
BEFORE_TOKENIZERS = (
    "ALTER TABLE dataset_versions DROP COLUMN tokenizer_sha256;" + BEFORE_OTHER_BANDS
)
BEFORE_TURNS = "ALTER TABLE sft_rows DROP COLUMN learned_turns;" + BEFORE_TOKENIZERS
BEFORE_WATCHING = "".join(f"ALTER TABLE training_runs DROP COLUMN {name};" for name in WATCHED)
BEFORE_WATCHING += BEFORE_TURNS
BEFORE_PLANS = "ALTER TABLE dataset_versions DROP COLUMN plan;" + BEFORE_WATCHING
BEFORE_TOOLS = "ALTER TABLE sft_rows DROP COLUMN tools;" + BEFORE_PLANS
BEFORE_BANDS_OF_A_ROW += BEFORE_TOOLS
BEFORE_BACKFIT = "ALTER TABLE checked_answers DROP COLUMN rewritten;" + BEFORE_BANDS_OF_A_ROW
BEFORE_REPAIRS = "ALTER TABLE checked_answers DROP COLUMN call_key;" + BEFORE_BACKFIT
BEFORE_DETAILS = "ALTER TABLE checked_answers DROP COLUMN detail;" + BEFORE_REPAIRS
BEFORE_POOLS = "ALTER TABLE answers DROP COLUMN pool_version; DROP TABLE few_shot_pool;"
BEFORE_POOLS += BEFORE_DETAILS
BEFORE_TAG_KEYS = "ALTER TABLE tagged_prompts DROP COLUMN tag_key;" + BEFORE_POOLS

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

FROZEN_BEFORE_TOOLS = """
INSERT INTO sft_rows BY NAME
SELECT 'v1' AS dataset_version, 'c-0-0' AS answer_id, DATE '2026-03-02' AS day, 'train' AS split,
       'qa' AS area, 'how_to' AS kind, 2 AS copies, 1.0 AS weight, 9 AS tokens, 3 AS label_tokens,
       [{'role': 'user', 'content': 'Why?', 'parts': NULL, 'name': NULL, 'tool_call_id': NULL,
         'tool_calls': NULL}] AS messages;
INSERT INTO dataset_versions BY NAME
SELECT 'v1' AS dataset_version, TIMESTAMP '2026-03-03' AS created_at,
       DATE '2026-03-02' AS first_day, DATE '2026-03-02' AS last_day,
       '' AS sha256, '{}' AS settings, '' AS inputs, 1 AS rows_in,
       1 AS train_rows, 0 AS validation_rows, 0 AS dropped, 2 AS train_rows_with_copies,
       6 AS label_tokens;
"""
SHA256_BEFORE_TOOLS = "f9b222a741642ab8fdb01168c0d8fdde69b9af563d5779544eef450ac88f5b66"

ANSWER = {
    **{"day": date(2026, 3, 2), "answer_id": "c-0-0", "prompt_id": "c-0", "sample": 0},
    **{"area": "qa", "kind": "how_to", "answer": "Boil it.", "reasoning": None, "origin": "model"},
    **{"model": "m", "finish_reason": "stop", "prompt_tokens": 1, "answer_tokens": 1},
    **{"cost_usd": 0.0, "template_version": "answer_long.v1", "few_shot_ids": []},
    **{"pool_version": None, "logged_for": None, "call_key": "k", "failed": None, "input_hash": 0},
}


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


def test_answers_of_before_pools_stay_were_shown_none_and_carry_over(tmp_path):
    old = store_before(tmp_path / "var" / "warehouse.duckdb", 6, BEFORE_POOLS)
    given = contracts.frame("answers", [ANSWER]).drop("pool_version", "logged_for")
    with duckdb.connect(str(old)) as con:
        con.register("given", given)
        con.execute("INSERT INTO answers BY NAME FROM given")
    store.prepare(old)
    kept = store.read(Batch(warehouse=old, table="answers", day=ANSWER["day"], rows=1))
    assert kept.columns == list(contracts.schema("answers"))  # so they can stand beside new ones
    assert kept["pool_version"].to_list() == [None]


def test_bands_of_one_row_come_together(old_store):
    store.prepare(old_store)
    rows = store.select(old_store, 'SELECT "pass", id, kept, keys FROM bands ORDER BY ALL').rows()
    assert rows == [("answers", "p", False, [7]), ("prompts", "p", True, [7, 2**64 - 1])]


def test_a_version_of_before_tools_stays_and_its_rows_still_give_its_hash(tmp_path):
    old = store_before(tmp_path / "var" / "warehouse.duckdb", 12, BEFORE_TOOLS)
    with duckdb.connect(str(old)) as con:
        con.execute(FROZEN_BEFORE_TOOLS)
    store.prepare(old)
    with store.writing(old) as con:
        rehash(con)
    kept = store.select(
        old,
        "SELECT tools, learned_turns, sha256 "
        "FROM sft_rows JOIN dataset_versions USING (dataset_version)",
    )
    assert kept.rows() == [(None, None, SHA256_BEFORE_TOOLS)]


def test_a_training_run_of_before_watching_stays_and_can_be_written_again(tmp_path):
    old = store_before(tmp_path / "var" / "warehouse.duckdb", 14, BEFORE_WATCHING)
    with duckdb.connect(str(old)) as con:
        con.execute(
            "INSERT INTO training_runs BY NAME SELECT 'r' AS run_id, 'm' AS model_id, "
            "'v1' AS dataset_version, 'b' AS base_model, 'padding' AS batching, "
            "'running' AS status, '{}' AS settings, [] AS dropped, now() AS started_at"
        )
    store.prepare(old)
    kept = store.select(old, "FROM training_runs").to_dicts()
    assert [kept[0][name] for name in WATCHED] == [None] * 5
    with store.writing(old) as con:
        store.upsert(con, "training_runs", contracts.frame("training_runs", kept), "run_id")


def test_answers_of_the_log_from_before_are_to_their_own_prompts(tmp_path):
    old = store_before(tmp_path / "var" / "warehouse.duckdb", 18, BEFORE_TWINS_VOTES)
    logged = {"answer_id": "l-0", "prompt_id": "l", "origin": "logged"}
    unliked = {"answer_id": "n-0", "prompt_id": "n", "origin": "logged"}
    unliked |= {"answer": None, "failed": "no up-voted answer in the log"}
    rows = [ANSWER, ANSWER | logged, ANSWER | unliked]
    given = contracts.frame("answers", rows).drop("logged_for")
    with duckdb.connect(str(old)) as con:
        con.register("given", given)
        con.execute("INSERT INTO answers BY NAME FROM given")
    store.prepare(old)
    kept = store.select(old, "SELECT answer_id, logged_for FROM answers ORDER BY ALL")
    assert kept.rows() == [("c-0-0", None), ("l-0", "l"), ("n-0", None)]


def test_bands_of_before_are_those_of_unknown_settings(tmp_path):
    old = store_before(tmp_path / "var" / "warehouse.duckdb", 17, BEFORE_OTHER_BANDS)
    row = ("prompts", ANSWER["day"], "p", True, [7, 2**64 - 1])
    with duckdb.connect(str(old)) as con:
        con.execute("INSERT INTO bands VALUES (?, ?, ?, ?, ?)", row)
    store.prepare(old)
    assert store.select(old, "FROM bands").rows() == [(*row, "")]


def test_migrated_tables_have_the_columns_of_new_ones(old_store):
    store.prepare(old_store)
    for name, table in ddl.tables().items():
        columns = store.select(old_store, f"FROM {name} LIMIT 0").columns
        assert set(columns) == {column.name for column in table.columns}
