"""kill -9 while the store is written: what was acknowledged stays, and nothing is there by half."""

import random
import signal
import stat
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pytest

from tasks.adapters import store
from tasks.publish import publish_now

ROOT = Path(__file__).parents[2]
DAYS = [date(2026, 3, 2), date(2026, 3, 3)]
ROWS = 2_000  # of a day: most of the time is spent inside a write

# replaces two days in turn, for ever; says so after each commit
WRITER = """
import sys
from datetime import date
from itertools import count
from pathlib import Path
import polars as pl
from schemas import contracts
from tasks import ledger
from tasks.adapters import store
warehouse, begin, n_rows = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
made = dict(area="a", confidence=1.0, tagger="none", taxonomy_version=1, call_key=None)
made |= dict(day=date(2026, 3, 2), kind="", reason=None, tag_key=None, input_hash=0)
rows = [dict(made, prompt_id=f"p{i}") for i in range(n_rows)]
frame = contracts.frame("tagged_prompts", rows)
for n in count(begin):
    for day in map(date.fromisoformat, sys.argv[4:]):
        mark = pl.lit(str(n))
        why = pl.concat_str(mark, "prompt_id").repeat_by(20).list.join(" ")
        hash_of = pl.lit(n, dtype=pl.UInt64)
        now = frame.with_columns(day=pl.lit(day), kind=mark, reason=why, input_hash=hash_of)
        with store.writing(warehouse) as con:
            store.replace(con, "tagged_prompts", day, now)
            ledger.write(con, ledger.StageRun("tag", day, str(n), "complete", kept=n_rows))
        print(day, n, flush=True)
"""

PUBLISHER = """
import sys
from pathlib import Path
from tasks.publish import publish_now
while True:
    publish_now(Path(sys.argv[1]), Path(sys.argv[2]))
    print("published", flush=True)
"""


def killed(program, args, after_s):
    """Run a program, kill it `after_s` seconds after its first line, and return all its lines."""
    command = [sys.executable, "-c", program, *map(str, args)]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as process:
        first = process.stdout.readline()
        time.sleep(after_s)
        process.kill()
        lines = [first, *process.stdout]
    assert process.returncode == -signal.SIGKILL
    return lines


def stored(warehouse):
    """Return, per day, its rows and texts, the marks of the rows, and that of the ledger."""
    return store.select(
        warehouse,
        "SELECT day, count(*) AS n, count(DISTINCT prompt_id) AS ids, list(DISTINCT kind) AS marks,"
        " list(DISTINCT input_hash) AS hashes, any_value(run_id) AS run, any_value(kept) AS kept"
        " FROM tagged_prompts FULL JOIN stage_runs USING (day) GROUP BY day ORDER BY day",
    ).to_dicts()


def in_flight(last):
    """Return the day and mark of the write that follows an acknowledged one."""
    day, n = last.split()
    return (str(DAYS[1]), n) if day == str(DAYS[0]) else (str(DAYS[0]), str(int(n) + 1))


@pytest.mark.parametrize("kills", [3, pytest.param(20, marks=pytest.mark.slow)])
def test_a_killed_write_leaves_the_day_as_before_or_as_after(cfg, kills):
    rng, begin, known = random.Random(kills), 1, {}
    for _ in range(kills):
        lines = killed(WRITER, [cfg.warehouse, begin, ROWS, *DAYS], rng.uniform(0, 0.2))
        known |= dict(line.split() for line in lines)
        for row in stored(cfg.warehouse):
            assert (row["n"], row["ids"], row["kept"]) == (ROWS, ROWS, ROWS)
            assert row["marks"] == [row["run"]]
            assert row["hashes"] == [int(row["run"])]
            now = str(row["day"]), row["run"]
            assert now in {*known.items(), in_flight(lines[-1])}
            known |= [now]
            begin = max(begin, int(row["run"]) + 1)
        assert {stat.S_IMODE(p.stat().st_mode) for p in cfg.var.iterdir()} == {0o600}
    assert begin > kills


@pytest.mark.slow
def test_a_killed_publish_leaves_the_old_file_or_the_new_one(cfg):
    rng = random.Random(7)
    for n in range(8):
        with store.writing(cfg.warehouse) as con:
            con.execute(
                "INSERT INTO models BY NAME SELECT $n AS model_id, '' AS path, 'base' AS "
                "status, now()::TIMESTAMP AS registered_at",
                {"n": str(n)},
            )
        lines = killed(PUBLISHER, [cfg.warehouse, cfg.published], rng.uniform(0, 0.5))
        assert lines[0] == "published\n"
        with store.snapshot(cfg.published) as con:
            assert store.frame(con, "SELECT count(*) FROM models").item() == n + 1
    publish_now(cfg.warehouse, cfg.published)
    assert [path.name for path in cfg.published.parent.iterdir()] == [cfg.published.name]
