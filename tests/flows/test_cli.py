import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def flywheel(flywheel, prefect_backend):
    """The command line; starting Prefect's server once is enough."""
    return flywheel


def logged(n, prompt, day="2026-05-01"):
    return json.dumps(
        {
            "id": f"r{n}",
            "timestamp": f"{day}T10:00:{n:02d}Z",
            "user": f"u{n}",
            "request": {"model": "assistant", "messages": [{"role": "user", "content": prompt}]},
            "response": {"choices": [{"message": {"role": "assistant", "content": "Hm."}}]},
        }
    )


@pytest.fixture
def home(tmp_path, teacher_url, flywheel):
    """A folder as `flywheel init` leaves it, with a few logs and the scripted teacher."""
    assert flywheel("init").code == 0
    toml = (tmp_path / "flywheel.toml").read_text()
    toml = toml.replace('base_url = ""', f'base_url = "{teacher_url}"')
    toml = toml.replace('\nmodel = ""', '\nmodel = "demo-scripted-teacher"')
    (tmp_path / "flywheel.toml").write_text(toml)
    lines = [
        logged(1, "Calculate 12 + 30."),
        logged(2, "Sort ascending: 9, 4, 7"),
        logged(3, "hi"),
        "{broken",
        logged(4, "How do I remove a red wine stain from a white shirt?"),
    ]
    (tmp_path / "logs" / "a.jsonl").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_a_new_user_goes_from_init_to_explained_rows(home, flywheel):
    looked = flywheel("pull", "--dry-run")
    assert looked.code == 1  # it found a problem
    assert "invalid_json" in looked.out
    assert not (home / "var").exists()

    ran = flywheel("run", "--day", "2026-05-01")
    assert ran.code == 0, ran.err
    assert "2026-05-01 filter: 4 in, 3 kept, 1 dropped (too_short 1)" in ran.err

    rows = flywheel("sql", "SELECT stage, rows_in, kept FROM funnel", "--format", "json")
    funnel = {row["stage"]: (row["rows_in"], row["kept"]) for row in json.loads(rows.out)}
    assert funnel["pull"] == (5, 4)
    assert funnel["answer"] == (3, 3)
    assert flywheel("sql", "FROM conservation", "--format", "csv").out.count("\n") == 1

    kept = flywheel("explain", "logs/a.jsonl:1", "--json")
    assert [step["decision"] for step in json.loads(kept.out)][-1] == "trainable"
    dropped = flywheel("explain", "a.jsonl:3")
    assert "too_short" in dropped.out
    broken = flywheel("explain", "logs/a.jsonl:4")
    assert "quarantined" in broken.out
    assert "invalid_json" in broken.out

    first = flywheel("sql", "FROM unique_answers", "--format", "csv", "--live").out
    again = flywheel("run", "--day", "2026-05-01")
    assert "answer: up to date" in again.err
    assert flywheel("sql", "FROM unique_answers", "--format", "csv").out == first

    shown = flywheel("status", "--json")
    assert {row["stage"] for row in json.loads(shown.out)["stages"]} >= {"pull", "answer"}


@pytest.mark.slow
def test_a_cap_leaves_a_partial_day_that_the_next_run_completes(home, flywheel):
    capped = flywheel("run", "--day", "2026-05-01", "--max-calls", "1")
    assert capped.code == 1
    assert "pending: caps.max_calls = 1 is reached" in capped.err
    done = flywheel("run", "--day", "2026-05-01")
    assert done.code == 0
    count = "SELECT count(*) AS n FROM unique_answers"
    assert json.loads(flywheel("sql", count, "--format", "json").out) == [{"n": 3}]


@pytest.mark.slow
def test_restaging_says_what_it_may_cost_and_asks(home, flywheel):
    assert flywheel("run", "--day", "2026-05-01").code == 0
    asked = flywheel("run", "--day", "2026-05-01", "--restage", "answer")
    assert asked.code == 1
    assert "the rows of answer anew for 1 days: 0 calls to buy (0.0000 USD expected" in asked.err
    agreed = flywheel("run", "--day", "2026-05-01", "--restage", "answer", "--yes")
    assert agreed.code == 0
    assert "answer: 3 in, 3 kept" in agreed.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["run", "--day", "1 May"], "--day '1 May' is no day; write it as 2026-03-02"),
        (["run", "--config", "nowhere.toml"], "nowhere.toml. `flywheel init` writes one"),
        (["sql", "FROM funnel"], "no analytics.duckdb"),
        (["explain", "abc"], "no analytics.duckdb"),
        (["backfill", "--from", "2026-05-02", "--to", "2026-05-01"], "is after --to"),
        (["run", "--restage", "tagging"], "no stage 'tagging'; stages: filter, tag"),
        (["status"], "no warehouse at"),
        (["pull", "elsewhere"], "no file matches"),
    ],
)
def test_a_mistake_is_one_line_with_the_way_out(flywheel, words, said):
    result = flywheel(*words)
    assert result.code == 2
    assert said in result.err
    assert "Traceback" not in result.err


def test_an_unknown_key_names_the_nearest_one(tmp_path, flywheel):
    (tmp_path / "flywheel.toml").write_text("[filter]\nmin_char = 3\n")
    result = flywheel("doctor")
    assert result.code == 2
    assert "unknown key 'filter.min_char'. Did you mean 'filter.min_chars'?" in result.err


def test_doctor_shows_every_setting_and_what_is_missing(flywheel, monkeypatch):
    flywheel("init")
    monkeypatch.setenv("FLYWHEEL_FILTER__MIN_CHARS", "7")
    result = flywheel("doctor", "--json")
    seen = json.loads(result.out)
    assert result.code == 1
    assert seen["settings"]["filter.min_chars"] == 7
    problems = {f["what"] for f in seen["findings"] if f["state"] == "problem"}
    assert problems == {"source logs", "strong model"}


def test_init_never_overwrites(flywheel):
    flywheel("init")
    again = flywheel("init")
    assert again.code == 2
    assert "is there already" in again.err


def test_reading_commands_do_not_load_prefect():
    code = (
        "import sys; from flows import report, checkup, filtering, starter, pulling, running; "
        "sys.exit('prefect' in sys.modules)"
    )
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    assert subprocess.run([sys.executable, "-c", code], env=environ, check=False).returncode == 0
