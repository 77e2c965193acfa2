import os
import re
import stat
import subprocess
import sys
import time
from ast import literal_eval
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from schemas import contracts, ddl
from schemas.errors import StoreError
from tasks import ledger
from tasks.adapters import store
from tasks.ledger import StageRun
from tasks.publish import publish_now

ROOT = Path(__file__).parents[2]
DAY = date(2026, 3, 2)
CALL = {
    "call_key": "k",
    "endpoint": "m",
    "purpose": "answer",
    "model": "m",
    "reply": "what the model said to the user",
    "error": None,
    "prompt_tokens": 1,
    "answer_tokens": 1,
    "cost_usd": 0.5,
    "latency_s": 0.1,
    "attempts": 1,
    "run_id": "r",
}
ROWS = 200  # of each day, in every write

# replaces days of tagged_prompts again and again; every write marks its rows and its ledger row
WRITER = """
import sys
from datetime import date
from pathlib import Path
from schemas import contracts
from tasks import ledger
from tasks.adapters import store
warehouse, writer, n_writes, n_rows = Path(sys.argv[1]), sys.argv[2], *map(int, sys.argv[3:5])
for n in range(n_writes):
    for day in map(date.fromisoformat, sys.argv[5:]):
        mark = f"{writer}-{n}"
        row = dict(day=day, area="a", kind=mark, confidence=1.0, tagger="none", reason=None,
                   taxonomy_version=1, tag_key=None, call_key=None, input_hash=n)
        rows = [dict(row, prompt_id=f"p{i}") for i in range(n_rows)]
        with store.writing(warehouse) as con:
            store.replace(con, "tagged_prompts", day, contracts.frame("tagged_prompts", rows))
            ledger.write(con, ledger.StageRun("tag", day, mark, "complete", kept=n_rows))
"""

# opens the published file until there is a file called stop, and once more; prints what it saw
READER = """
import sys
import time
from pathlib import Path
from tasks.adapters import store
published, stop, seen, last = Path(sys.argv[1]), Path(sys.argv[2]), set(), False
while not last:
    last = stop.exists()
    with store.snapshot(published) as con:
        rows = store.frame(con, '''
            SELECT day, count(*) AS n, count(DISTINCT prompt_id) AS ids, min(kind) AS first,
                   max(kind) AS last, any_value(run_id) AS run
            FROM tagged_prompts JOIN stage_runs USING (day) GROUP BY day ORDER BY day
        ''').rows()
    if not seen:
        print("reading", flush=True)
    seen.update(rows)
    time.sleep(0.03)
print(sorted((str(day), *rest) for day, *rest in seen))
"""


def write(warehouse, day=DAY, mark="first", n=1):
    row = {
        "day": day,
        "area": "a",
        "kind": mark,
        "confidence": 1.0,
        "tagger": "none",
        "taxonomy_version": 1,
        "reason": None,
        "tag_key": None,
        "call_key": None,
        "input_hash": 0,
    }
    rows = contracts.frame("tagged_prompts", [{**row, "prompt_id": f"p{i}"} for i in range(n)])
    with store.writing(warehouse) as con:
        store.replace(con, "tagged_prompts", day, rows)
        ledger.write(con, StageRun("tag", day, mark, "complete", kept=n))


def select(published, sql):
    with store.snapshot(published) as con:
        return store.frame(con, sql)


def kinds(published):
    return select(published, "SELECT kind FROM tagged_prompts")["kind"].to_list()


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def program(text, *args):
    command = [sys.executable, "-c", text, *map(str, args)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    return subprocess.Popen(command, cwd=ROOT, text=True, **pipes)


def test_everything_is_published_but_the_private_columns(cfg):
    write(cfg.warehouse)
    with store.writing(cfg.warehouse) as con:
        call = contracts.frame("llm_calls", [{**CALL, "bought_at": store.now()}])
        store.insert(con, "llm_calls", call)
    publish_now(cfg.warehouse, cfg.published)
    for table in ddl.tables().values():
        there = select(cfg.published, f"FROM {table.name} ORDER BY ALL")
        assert there.columns == list(table.public)
        columns = ", ".join(f'"{name}"' for name in table.public)
        mine = store.select(cfg.warehouse, f"SELECT {columns} FROM {table.name} ORDER BY ALL")
        assert there.equals(mine)
    assert CALL["reply"].encode() not in cfg.published.read_bytes()


def test_every_table_view_and_column_that_is_published_has_its_comment(cfg):
    publish_now(cfg.warehouse, cfg.published)
    relations = select(
        cfg.published,
        "SELECT table_name AS name, comment FROM duckdb_tables() WHERE NOT internal UNION ALL "
        "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal",
    )
    columns = select(
        cfg.published,
        "SELECT table_name AS name, column_name, comment FROM duckdb_columns() WHERE NOT internal",
    )
    named = {view.name for view in ddl.views()} | set(ddl.tables())
    assert set(relations["name"]) == set(columns["name"]) == named
    for said in (relations, columns):
        assert said.filter(pl.col("comment").fill_null("") == "").height == 0


def test_every_view_works_there_and_names_no_private_column(cfg):
    publish_now(cfg.warehouse, cfg.published)
    private = {c.name for t in ddl.tables().values() for c in t.columns if c.private}
    for view in ddl.views():
        select(cfg.published, f"FROM {view.name}")
        body = re.sub(r"COMMENT ON .*|--.*", "", view.sql)
        assert not re.search(rf"\b({'|'.join(private)})\b", body), view.name


def test_a_view_counts_what_was_published(cfg):
    write(cfg.warehouse, n=3)
    publish_now(cfg.warehouse, cfg.published)
    funnel = select(cfg.published, "SELECT stage, kept, status FROM funnel").rows()
    assert funnel == [("tag", 3, "complete")]


@pytest.mark.parametrize("umask", [0o000, 0o077], ids=["open", "closed"])
def test_analysts_may_read_the_file_and_nothing_else_of_var(cfg, umask):
    before = os.umask(umask)
    try:
        store.prepare(cfg.warehouse)
        publish_now(cfg.warehouse, cfg.published)
    finally:
        os.umask(before)
    assert mode(cfg.published) == 0o444
    assert mode(cfg.published.parent) == 0o755
    assert mode(cfg.var) == 0o711
    assert [path.name for path in cfg.published.parent.iterdir()] == [cfg.published.name]
    others = [path for path in cfg.var.rglob("*") if "published" not in path.parts]
    assert len(others) >= 4  # warehouse and its lock, locks/ and what is in there
    assert {mode(path) for path in others} == {0o600, 0o700}
    assert all(mode(path) == (0o700 if path.is_dir() else 0o600) for path in others)


def test_a_new_reader_sees_the_new_rows_and_an_old_one_keeps_its_own(cfg):
    write(cfg.warehouse, mark="old")
    publish_now(cfg.warehouse, cfg.published)
    old = program(
        "import sys\nfrom tasks.adapters import store\n"
        "with store.snapshot(sys.argv[1]) as con:\n"
        "    print('open', flush=True); sys.stdin.readline()\n"
        "    print(con.sql('SELECT kind FROM tagged_prompts').fetchall())",
        cfg.published,
    )
    with old:
        assert old.stdout.readline() == "open\n"
        write(cfg.warehouse, mark="new")
        publish_now(cfg.warehouse, cfg.published)
        assert kinds(cfg.published) == ["new"]
        said, _ = old.communicate("\n", timeout=60)
    assert said == "[('old',)]\n"


def test_what_a_killed_publish_left_is_swept_and_a_stale_wal_goes_with_the_old_file(cfg):
    publish_now(cfg.warehouse, cfg.published)
    folder, name = cfg.published.parent, cfg.published.name
    for leftover in (f".{name}.new", f".{name}.new.wal", f"{name}.wal"):
        (folder / leftover).write_bytes(b"half a file")
    (folder / f".{name}.new.tmp").mkdir()
    (folder / f".{name}.new.tmp" / "spilled").write_bytes(b"rows")
    write(cfg.warehouse, mark="after")
    publish_now(cfg.warehouse, cfg.published)
    assert [path.name for path in folder.iterdir()] == [name]
    assert kinds(cfg.published) == ["after"]


def test_a_publish_that_fails_leaves_the_old_file_in_its_place(cfg, monkeypatch):
    write(cfg.warehouse, mark="old")
    publish_now(cfg.warehouse, cfg.published)
    write(cfg.warehouse, mark="new")
    with monkeypatch.context() as patched:
        broken = ddl.View("broken", "CREATE VIEW broken AS SELECT user_key FROM chats")
        patched.setattr(ddl, "views", lambda: (broken,))
        with pytest.raises(store.DuckDBError, match="user_key"):
            publish_now(cfg.warehouse, cfg.published)
    assert kinds(cfg.published) == ["old"]
    publish_now(cfg.warehouse, cfg.published)
    assert kinds(cfg.published) == ["new"]


def test_a_folder_may_have_a_quote_in_its_name(cfg, tmp_path):
    elsewhere = tmp_path / "l'été" / "var" / "warehouse.duckdb"
    store.prepare(elsewhere)
    write(elsewhere)
    published = publish_now(elsewhere, elsewhere.parent / "published" / "analytics.duckdb")
    assert kinds(published) == ["first"]


def test_without_a_warehouse_nothing_is_published(cfg, tmp_path):
    published = tmp_path / "published" / "analytics.duckdb"
    with pytest.raises(StoreError, match="no warehouse at"):
        publish_now(tmp_path / "nope.duckdb", published)
    assert list(published.parent.iterdir()) == []


@pytest.mark.slow
def test_writers_of_the_same_and_of_other_days_a_publisher_and_a_reader_work_at_once(cfg, tmp_path):
    days = {"a": [DAY], "b": [DAY, date(2026, 3, 3)]}
    for day in days["b"]:
        write(cfg.warehouse, day, "start", ROWS)
    publish_now(cfg.warehouse, cfg.published)
    stop = tmp_path / "stop"
    with program(READER, cfg.published, stop) as reader:
        assert reader.stdout.readline() == "reading\n"
        writers = [program(WRITER, cfg.warehouse, name, 3, ROWS, *days[name]) for name in days]
        while any(writer.poll() is None for writer in writers):
            publish_now(cfg.warehouse, cfg.published)
            time.sleep(0.3)  # a publish is rarer than a write
        assert [writer.communicate(timeout=60) for writer in writers] == [("", None)] * 2
        assert [writer.returncode for writer in writers] == [0, 0]
        publish_now(cfg.warehouse, cfg.published)
        stop.touch()
        said, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    seen = literal_eval(said)
    assert all(n == ids == ROWS and first == last == run for _, n, ids, first, last, run in seen)
    final = {str(day): mark for day, mark in stored_marks(cfg.warehouse)}
    assert final["2026-03-02"] in {"a-2", "b-2"}
    assert final["2026-03-03"] == "b-2"
    assert {(day, mark) for day, *_, mark in seen} >= set(final.items())


def stored_marks(warehouse):
    rows = store.select(
        warehouse,
        "SELECT day, kind, run_id, count(*) AS n FROM tagged_prompts JOIN stage_runs USING (day) "
        "GROUP BY ALL",
    ).rows()
    assert all(kind == run and n == ROWS for _, kind, run, n in rows)
    return [(day, kind) for day, kind, *_ in rows]
