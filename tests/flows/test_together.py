"""Real processes at once: flows on one day and on others, and an analyst who reads meanwhile."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL

from tasks.adapters import store
from tasks.demo import teacher, world

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
READER = """
import sys, time, duckdb
path, stop = sys.argv[1:]
from pathlib import Path
reads = 0
while not Path(stop).exists():
    if Path(path).exists():
        con = duckdb.connect(path, read_only=True)
        torn = con.sql("SELECT count(*) FROM stage_runs r WHERE stage = 'filter' AND "
                       "kept + dropped <> (SELECT count(*) FROM prompts p WHERE p.day = r.day)")
        torn = torn.fetchall()[0][0]
        con.close()
        assert torn == 0, torn
        reads += 1
    time.sleep(0.02)
print(reads)
"""


@pytest.fixture
def home(tmp_path, teacher_url):
    world.write_logs(tmp_path / "logs", chats_per_day=30)
    (tmp_path / "flywheel.toml").write_text(
        f'[llm]\nbase_url = "{teacher_url}"\nmodel = "{teacher.MODEL}"\n'
    )
    return tmp_path


def start(home, *words):
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PREFECT_API_URL": PREFECT_API_URL.value()}
    return subprocess.Popen(
        [sys.executable, *words],
        cwd=home,
        env=environ,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_flows_on_one_day_and_on_another_while_an_analyst_reads(prefect_backend, home):
    published, stop = home / "var" / "published" / "analytics.duckdb", home / "stop"
    reader = start(home, "-c", READER, str(published), str(stop))
    days = ("2026-03-02", "2026-03-02", "2026-03-03")
    flows = [start(home, "-m", "flows.cli", "run", "--day", day) for day in days]
    said = [flow.communicate(timeout=180) for flow in flows]
    stop.touch()
    reads, trouble = reader.communicate(timeout=30)

    assert [flow.returncode for flow in flows] == [0, 0, 0], said
    assert reader.returncode == 0, trouble
    assert int(reads) > 0
    warehouse = home / "var" / "warehouse.duckdb"
    twice = "SELECT count(*) - count(DISTINCT call_key) AS twice FROM llm_calls"
    assert store.select(warehouse, twice).item() == 0
    for table, key in (("prompts", "prompt_id"), ("answers", "answer_id"), ("chats", "chat_id")):
        repeated = f"SELECT count(*) - count(DISTINCT {key}) AS n FROM {table}"
        assert store.select(warehouse, repeated).item() == 0
    assert store.select(warehouse, "FROM conservation").height == 0
    runs = "SELECT status FROM stage_runs WHERE day IN ('2026-03-02', '2026-03-03')"
    assert set(store.select(warehouse, runs)["status"]) == {"complete"}
