import os
import stat
from datetime import date
from shutil import copy

import polars as pl
import pytest

from schemas import contracts, ddl
from schemas.batch import Batch
from schemas.errors import ContractBroken, MigrationChanged, StoreError
from tasks import ledger
from tasks.adapters import store
from tasks.ledger import StageRun

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    path = tmp_path_factory.mktemp("prepared") / "var" / "warehouse.duckdb"
    store.prepare(path)
    return path


@pytest.fixture
def warehouse(prepared, tmp_path):
    """A fresh store: a copy, which is cheaper than making one."""
    (tmp_path / "var").mkdir()
    return copy(prepared, tmp_path / "var" / prepared.name)


@pytest.fixture
def migrated(monkeypatch):
    """Let this flywheel know further migrations, after those that ship."""
    shipped = ddl.migrations()

    def migrated(*texts):
        later = enumerate(texts, start=len(shipped) + 1)
        made = [ddl.Migration(n, f"{n:03}_made_up", sql) for n, sql in later]
        monkeypatch.setattr(ddl, "migrations", lambda: (*shipped, *made))

    return migrated


def tags(day, *ids, kind="addition", input_hash=0):
    row = {
        "day": day,
        "area": "maths",
        "kind": kind,
        "confidence": 1.0,
        "tagger": "keywords",
        "taxonomy_version": 1,
        "reason": None,
        "tag_key": None,
        "call_key": None,
        "input_hash": input_hash,
    }
    rows = [{**row, "prompt_id": i} for i in ids]
    return contracts.frame("tagged_prompts", rows)


def bands(pass_, day, *ids):
    row = {"pass": pass_, "day": day, "kept": True, "keys": [2**64 - 1], "made_with": ""}
    rows = [row | {"id": i} for i in ids]
    return contracts.frame("bands", rows)


def write_day(con, rows, day=MONDAY, run_id="r1"):
    store.replace(con, "tagged_prompts", day, rows)
    ledger.write(con, StageRun("tag", day, run_id, "complete", kept=rows.height))


def stored(warehouse):
    rows = store.select(warehouse, "SELECT day, prompt_id, kind FROM tagged_prompts ORDER BY ALL")
    runs = store.select(warehouse, "SELECT day, run_id, kept FROM stage_runs ORDER BY ALL")
    return rows.rows(), runs.rows()


def catalogue(warehouse):
    """Everything the store says of itself: relations and columns with their comments."""
    relations = (
        "SELECT table_name, sql, comment FROM duckdb_tables() WHERE NOT internal UNION ALL "
        "SELECT view_name, sql, comment FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
    )
    columns = (
        "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY ALL"
    )
    return store.select(warehouse, relations), store.select(warehouse, columns)


def test_every_table_view_and_column_of_a_fresh_store_has_its_comment(warehouse):
    relations, columns = catalogue(warehouse)
    named = {view.name for view in ddl.views()} | set(ddl.tables()) | {"migrations"}
    assert set(relations["table_name"]) == named
    assert set(columns["table_name"]) == named
    silent = pl.col("comment").is_null() | (pl.col("comment") == "")
    assert relations.filter(silent).height == 0
    assert columns.filter(silent).height == 0
    said = {(r["table_name"], r["column_name"]): r["comment"] for r in columns.to_dicts()}
    for table in ddl.tables().values():
        assert all(said[table.name, c.name] == c.comment for c in table.columns)


def test_preparing_a_store_again_changes_nothing(warehouse):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a"))
    before = catalogue(warehouse), stored(warehouse), applied(warehouse)
    store.prepare(warehouse)
    after = catalogue(warehouse), stored(warehouse), applied(warehouse)
    assert all(a.equals(b) for a, b in zip(before[0], after[0], strict=True))
    assert before[1:] == after[1:]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP VIEW conservation",
        "DROP TABLE bands",
        "COMMENT ON TABLE chats IS 'old'; COMMENT ON SEQUENCE shape IS 'of older files'",
        "CREATE OR REPLACE VIEW conservation AS SELECT 1; DROP SEQUENCE shape",
    ],
    ids=["view gone", "table gone", "older comment", "older view"],
)
def test_preparing_an_older_store_makes_it_like_a_new_one(warehouse, sql):
    new = catalogue(warehouse)
    with store.writing(warehouse) as con:
        con.execute(sql)
    store.prepare(warehouse)
    assert all(a.equals(b) for a, b in zip(new, catalogue(warehouse), strict=True))


def test_a_reader_that_stays_keeps_nobody_from_preparing_a_store_of_today(warehouse):
    with store.reading(warehouse):
        store.prepare(warehouse)


def test_engines_at_rest_hold_no_file_and_an_error_leaves_none_behind(warehouse, monkeypatch):
    at_rest = {}
    monkeypatch.setattr(store, "_at_rest", at_rest)
    for _ in range(2):
        store.select(warehouse, "SELECT 1")
    [engine] = at_rest[os.getpid()]
    assert engine.sql("FROM duckdb_databases() WHERE path IS NOT NULL").fetchall() == []
    with pytest.raises(store.DuckDBError):
        store.select(warehouse, "SELECT no_such_column")
    assert at_rest == {os.getpid(): []}


def applied(warehouse):
    return store.select(warehouse, "FROM migrations ORDER BY version").rows()


def test_a_migration_edited_after_it_was_applied_is_refused_by_name(warehouse, monkeypatch):
    first = ddl.migrations()[0]
    edited = ddl.Migration(first.version, first.name, first.sql + "-- better")
    monkeypatch.setattr(ddl, "migrations", lambda: (edited,))
    with pytest.raises(MigrationChanged, match=f"{first.name}.sql was edited .* Restore the file"):
        store.prepare(warehouse)


def test_a_store_of_a_newer_flywheel_is_refused(warehouse, migrated):
    migrated("SELECT 1")
    store.prepare(warehouse)
    migrated()
    newest = len(ddl.migrations())
    seen = rf"migration {newest + 1}, this flywheel knows {newest}\. Upgrade"
    with pytest.raises(StoreError, match=seen):
        store.prepare(warehouse)


def test_a_pending_migration_changes_rows_and_shape_and_runs_once(warehouse, migrated):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a"))
    migrated(
        "ALTER TABLE tagged_prompts ADD COLUMN weight DOUBLE;"
        "UPDATE tagged_prompts SET weight = 1.5, kind = kind || '!';"
    )
    store.prepare(warehouse)
    store.prepare(warehouse)
    rows = store.select(warehouse, "SELECT kind, weight FROM tagged_prompts").rows()
    assert rows == [("addition!", 1.5)]
    assert [row[1] for row in applied(warehouse)] == [one.name for one in ddl.migrations()]


def test_a_migration_that_fails_leaves_nothing_behind_not_even_the_ones_before_it(
    warehouse, migrated
):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a"))
    before = stored(warehouse), applied(warehouse)
    good = "UPDATE tagged_prompts SET kind = 'changed'"
    migrated(good, "ALTER TABLE votes ADD COLUMN weight DOUBLE; SELECT error('broken')")
    with pytest.raises(store.DuckDBError, match="broken"):
        store.prepare(warehouse)
    assert (stored(warehouse), applied(warehouse)) == before
    assert "weight" not in store.select(warehouse, "FROM votes").columns
    migrated(good, "ALTER TABLE votes ADD COLUMN weight DOUBLE")
    store.prepare(warehouse)
    assert stored(warehouse)[0] == [(MONDAY, "a", "changed")]
    assert "weight" in store.select(warehouse, "FROM votes").columns


def test_a_new_store_gets_todays_tables_and_counts_the_history_as_done(tmp_path, migrated):
    migrated("SELECT error('made for stores that are older than this one')")
    fresh = tmp_path / "fresh" / "warehouse.duckdb"
    store.prepare(fresh)
    assert [row[1] for row in applied(fresh)] == [one.name for one in ddl.migrations()]


def test_a_day_is_replaced_together_with_its_ledger_row_and_no_other_day_is_touched(warehouse):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a", "b"))
        write_day(con, tags(TUESDAY, "c"), TUESDAY)
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "b", "d", kind="other"), run_id="r2")
    assert stored(warehouse) == (
        [(MONDAY, "b", "other"), (MONDAY, "d", "other"), (TUESDAY, "c", "addition")],
        [(MONDAY, "r2", 2), (TUESDAY, "r1", 1)],
    )


def test_a_day_may_become_empty(warehouse):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a"))
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY), run_id="r2")
    assert stored(warehouse) == ([], [(MONDAY, "r2", 0)])


def test_an_error_before_the_end_leaves_rows_and_ledger_as_they_were(warehouse):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a"))
    before = stored(warehouse)
    with pytest.raises(KeyboardInterrupt), store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "z"), run_id="r2")
        raise KeyboardInterrupt
    assert stored(warehouse) == before


@pytest.mark.parametrize(
    "rows",
    [tags(MONDAY, "z").drop("kind"), tags(MONDAY, "z", "z"), tags(TUESDAY, "z")],
    ids=["missing column", "same key twice", "rows of another day"],
)
def test_a_frame_that_does_not_fit_leaves_the_day_as_it_was_even_if_nobody_minds(warehouse, rows):
    with store.writing(warehouse) as con:
        write_day(con, tags(MONDAY, "a"))
    before = stored(warehouse)
    with store.writing(warehouse) as con, pytest.raises(ContractBroken, match="tagged_prompts: "):
        store.replace(con, "tagged_prompts", MONDAY, rows)
    with store.writing(warehouse) as con, pytest.raises(ContractBroken, match="tagged_prompts: "):
        store.upsert(con, "tagged_prompts", pl.concat([rows, rows]), key="prompt_id")
    assert stored(warehouse) == before


def test_one_pass_of_the_bands_is_replaced_and_the_other_stays(warehouse):
    with store.writing(warehouse) as con:
        for pass_ in ("prompts", "answers"):
            store.replace(con, "bands", MONDAY, bands(pass_, MONDAY, "a"), **{"pass": pass_})
        store.replace(con, "bands", MONDAY, bands("answers", MONDAY, "b"), **{"pass": "answers"})
        with pytest.raises(ContractBroken, match=r"bands: 1 rows are not of day .*, pass prompts"):
            rows = bands("answers", MONDAY, "c")
            store.replace(con, "bands", MONDAY, rows, **{"pass": "prompts"})
    kept = store.select(warehouse, 'SELECT "pass", id FROM bands ORDER BY ALL').rows()
    assert kept == [("answers", "b"), ("prompts", "a")]


def test_upsert_takes_the_place_of_rows_with_the_same_key_on_any_day(warehouse):
    with store.writing(warehouse) as con:
        store.insert(con, "tagged_prompts", tags(MONDAY, "a", "b"))
        store.upsert(con, "tagged_prompts", tags(TUESDAY, "b", "c", kind="new"), key="prompt_id")
    rows = [(MONDAY, "a", "addition"), (TUESDAY, "b", "new"), (TUESDAY, "c", "new")]
    assert stored(warehouse)[0] == rows


def test_insert_absent_keeps_what_is_there_and_the_first_of_what_is_new(warehouse):
    new = pl.concat([tags(MONDAY, "a", "b", kind="first"), tags(MONDAY, "b", kind="second")])
    with store.writing(warehouse) as con:
        store.insert(con, "tagged_prompts", tags(MONDAY, "a"))
        store.insert_absent(con, "tagged_prompts", new, key="prompt_id")
    assert stored(warehouse)[0] == [(MONDAY, "a", "addition"), (MONDAY, "b", "first")]


def test_hashes_over_two_to_the_63_are_stored_found_and_read_back(warehouse):
    high = 2**64 - 1
    with store.writing(warehouse) as con:
        store.insert(con, "tagged_prompts", tags(MONDAY, "a", input_hash=high))
        wanted = pl.DataFrame({"input_hash": [high]}, schema={"input_hash": pl.UInt64})
        with store.registered(con, wanted, "wanted"):
            found = store.frame(con, "FROM tagged_prompts SEMI JOIN wanted USING (input_hash)")
    assert found["input_hash"].to_list() == [high]


def test_rows_are_read_by_day_in_the_order_of_their_ids(warehouse):
    with store.writing(warehouse) as con:
        store.insert(con, "tagged_prompts", tags(MONDAY, "b", "c", "a"))
        store.insert(con, "tagged_prompts", tags(TUESDAY, "d"))
    batch = Batch(warehouse=warehouse, table="tagged_prompts", day=MONDAY, rows=3)
    assert store.read(batch).equals(tags(MONDAY, "a", "b", "c"))


def test_sql_that_selects_nothing_gives_no_rows(warehouse):
    with store.reading(warehouse) as con:
        assert store.frame(con, "SET threads = 1").height == 0
        assert store.frame(con, "").height == 0


def test_the_error_that_broke_a_transaction_is_the_one_that_is_told(warehouse):
    rows = pl.DataFrame({"call_key": [None]}, schema={"call_key": pl.String})
    with (
        pytest.raises(store.DuckDBError, match="NOT NULL constraint failed"),
        store.writing(warehouse) as con,
        store.registered(con, rows) as name,
    ):
        con.execute(f"INSERT INTO claims BY NAME FROM {name}")


def test_a_reader_can_change_nothing(warehouse):
    with (
        pytest.raises(store.DuckDBError, match="read-only"),
        store.reading(warehouse) as con,
    ):
        con.execute("DELETE FROM stage_runs")


def test_a_warehouse_that_is_not_there_is_the_users_mistake(tmp_path):
    with pytest.raises(StoreError, match=r"no warehouse at .*nope\.duckdb\. `flywheel run`"):
        store.select(tmp_path / "nope.duckdb", "SELECT 1")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_store_is_refused_with_its_path(warehouse):
    warehouse.write_bytes(b"not a database" * 1_000)
    with pytest.raises(StoreError, match=r"cannot open .*warehouse\.duckdb: "):
        store.select(warehouse, "SELECT 1")


def test_sql_sees_no_variable_of_the_program_and_fetches_no_extension(warehouse):
    chats_of_python = pl.DataFrame({"a": [1]})
    assert chats_of_python.height
    with store.reading(warehouse) as con:
        with pytest.raises(store.DuckDBError, match="chats_of_python"):
            con.sql("FROM chats_of_python")
        for name in ("autoinstall_known_extensions", "autoload_known_extensions"):
            assert store.frame(con, f"SELECT current_setting('{name}')").item() is False


@pytest.mark.parametrize("umask", [0o000, 0o077], ids=["open", "closed"])
def test_only_the_owner_can_read_the_store_and_anyone_can_pass_through_its_folder(
    tmp_path, umask, monkeypatch
):
    monkeypatch.setattr(store, "_at_rest", {})  # an engine of its own, for its PRAGMA
    warehouse = tmp_path / "var" / "warehouse.duckdb"
    before = os.umask(umask)
    try:
        store.prepare(warehouse)
        with store.writing(warehouse) as con:
            con.execute("PRAGMA disable_checkpoint_on_shutdown")  # as after a kill
            write_day(con, tags(MONDAY, "a"))
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in warehouse.parent.iterdir()}
    assert {"warehouse.duckdb", "warehouse.duckdb.wal", "warehouse.duckdb.lock"} <= set(modes)
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE(warehouse.parent.stat().st_mode) == 0o711
