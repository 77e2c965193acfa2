import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from schemas.run import Run
from schemas.settings_file import load
from tasks.filter import filter_prompts
from tasks.ledger import days_to_do

ROOT = Path(__file__).parent.parent.parent
DAY = "2026-05-01"


def logged(n, prompt):
    reply = {"choices": [{"message": {"role": "assistant", "content": "Hm."}}]}
    asked = {"model": "m", "messages": [{"role": "user", "content": prompt}]}
    at = f"{DAY}T10:00:0{n}Z"
    return json.dumps({"id": f"r{n}", "timestamp": at, "request": asked, "response": reply})


@pytest.fixture
def home(flywheel, tmp_path):
    """A folder with a day of three chats that is pulled and filtered."""
    flywheel("init")
    lines = [logged(1, "Where is Oslo?"), logged(2, "hi"), logged(3, "How do I sort a list?")]
    (tmp_path / "logs").mkdir(exist_ok=True)
    (tmp_path / "logs" / "a.jsonl").write_text("\n".join(lines))
    assert flywheel("pull").code == 0
    run = Run(cfg=load())
    for chats in days_to_do(run, *[date.fromisoformat(DAY)] * 2):
        filter_prompts.fn(chats, run)
    return tmp_path


def test_a_changed_rule_shows_what_it_would_do(home, flywheel, monkeypatch):
    monkeypatch.setenv("FLYWHEEL_FILTER__MIN_CHARS", "16")
    said = flywheel("filter", "--what-if")
    assert said.code == 0, said.err
    assert (
        "Now 2 of 3 rows are kept, then 1 of 3: 2 stay as they are, 1 are dropped anew." in said.out
    )
    assert "Nothing was written" in said.out
    found = json.loads(flywheel("filter", "--what-if", "--from", DAY, "--to", DAY, "--json").out)
    assert (found["kept_now"], found["kept_then"], found["rows_newly_dropped"]) == (2, 1, 1)
    assert found["rules_from_stored_hits"] + found["rules_asked_again"] == len(found["rules"])
    (short,) = [rule for rule in found["rules"] if rule["rule"] == "too_short"]
    assert (short["dropped_now"], short["dropped_then"]) == (1, 2)
    assert [one["rule"] for one in found["examples_newly_dropped"]] == ["too_short"]


MISTAKES = {
    ("filter",): "--what-if",
    ("filter", "--what-if", "--from", "2026-05-02", "--to", DAY): "Swap them",
    ("filter", "--what-if", "--from", "yesterday"): "is no day",
    ("filter", "--what-if", "--from", "2027-01-01"): "no filtered day from 2027-01-01",
}


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_a_mistake_is_one_line(home, flywheel, words):
    said = flywheel(*words)
    assert (said.code, said.out) == (2, "")
    assert MISTAKES[words] in said.err
    assert len(said.err.splitlines()) == 1


def test_an_unknown_setting_is_one_line_with_the_nearest_known_one(home, flywheel, monkeypatch):
    monkeypatch.setenv("FLYWHEEL_FILTER__MIN_CHAR", "16")
    said = flywheel("filter", "--what-if")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "FLYWHEEL_FILTER__MIN_CHARS?" in said.err


def test_without_a_warehouse_there_is_nothing_to_compare(flywheel):
    said = flywheel("filter", "--what-if")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "no warehouse" in said.err


def test_asking_does_not_load_prefect(home):
    code = (
        "import sys; from flows import cli; sys.argv = ['flywheel', 'filter', '--what-if']\n"
        "try: cli.main()\n"
        "except SystemExit as stop: assert not stop.code\n"
        "sys.exit('prefect' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
