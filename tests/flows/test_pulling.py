"""`flywheel pull` and `redact` as their users see them."""

import json
import sqlite3

import pytest

from tasks.adapters import store

AT = "2026-05-01T10:00:00Z"
ASK = {"role": "user", "content": "Is the pool open on Sunday?"}
QUERY = "SELECT id, at AS timestamp, messages FROM chats WHERE at >= :day_start AND at < :day_end"


@pytest.fixture
def home(tmp_path, flywheel):
    """A folder as `flywheel init` leaves it."""
    assert flywheel("init").code == 0
    return tmp_path


def write(home, name, *records):
    text = "".join(one if isinstance(one, str) else json.dumps(one) + "\n" for one in records)
    (home / "logs" / name).write_text(text, encoding="utf-8")


def test_dry_run_tells_formats_counts_and_problems_and_writes_nothing(home, flywheel):
    spend = {"call_type": "acompletion", "startTime": AT, "spend": 0.1, "messages": "{}"}
    write(home, "a.jsonl", {"id": "c1", "timestamp": AT, "messages": [ASK]}, spend, "broken\n")
    write(home, "b.csv", "act,prompt\nPoet,Write a poem.\n")

    looked = flywheel("pull", "--dry-run")

    assert looked.code == 1
    for words in ("messages 1", "prompt 1", "prompts_not_logged", "invalid_json"):
        assert words in looked.out
    assert "store_prompts_in_spend_logs" in " ".join(looked.out.split())
    assert not (home / "var").exists()


def test_pull_says_loudly_what_it_could_not_read(home, flywheel):
    write(home, "a.jsonl", {"id": "c1", "timestamp": AT, "messages": [ASK]}, "broken\n")
    pulled = flywheel("pull")
    assert pulled.code == 0
    assert "invalid_json" in pulled.out


def test_database_is_looked_into_and_pulled_day_by_day(home, flywheel):
    with sqlite3.connect(home / "app.db") as con:
        con.execute("CREATE TABLE chats (id TEXT, at TEXT, messages TEXT)")
        con.execute("INSERT INTO chats VALUES (?, ?, ?)", ("c1", AT, json.dumps([ASK])))
    (home / "flywheel.toml").write_text(
        f'[[sources]]\nname = "app"\nkind = "sql"\nurl = "sqlite:///app.db"\nquery = "{QUERY}"\n'
        "since = 2026-04-30\n"
    )
    assert "sql:app/2026-05-01" in flywheel("pull", "--dry-run").out
    assert flywheel("pull").code == 0
    chats = store.select(home / "var" / "warehouse.duckdb", "SELECT source, source_id FROM chats")
    assert chats.rows() == [("app", "c1")]
    assert "0 days have something new" in flywheel("pull").out


def test_path_on_the_command_line_is_a_file_though_the_source_is_a_database(home, flywheel):
    (home / "flywheel.toml").write_text(
        f'[[sources]]\nkind = "sql"\nurl = "sqlite:///gone.db"\nquery = "{QUERY}"\n'
    )
    write(home, "a.jsonl", {"id": "c1", "timestamp": AT, "messages": [ASK]})
    assert flywheel("pull", "--dry-run", "logs").code == 0
    assert flywheel("pull").code == 2


def test_redact_again_reports_what_a_new_rule_finds_and_then_nothing(home, flywheel):
    write(home, "a.jsonl", {"id": "c1", "timestamp": AT, "messages": [ASK]})
    flywheel("pull")
    (home / "pools.py").write_text(
        "def find(text):\n    at = text.find('pool')\n"
        "    return [(at, at + 4, 'PLACE')] if at >= 0 else []\n"
    )
    toml = (home / "flywheel.toml").read_text()
    (home / "flywheel.toml").write_text(toml.replace('# custom = ""', 'custom = "pools:find"'))

    first = json.loads(flywheel("redact", "--again", "--json").out)

    assert first == [{"table": "chats", "column": "messages", "values": 1, "kinds": {"PLACE": 1}}]
    assert "nothing more" in flywheel("redact", "--again").out
    assert flywheel("redact").code == 2
