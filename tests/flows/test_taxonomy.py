import json

import pytest

from schemas.task_types import SHIPPED
from tasks.adapters import store

INSERT = """
INSERT INTO tagged_prompts
    (day, prompt_id, area, kind, confidence, tagger, taxonomy_version, input_hash)
VALUES (DATE '2026-03-02', 'c-0', 'maths', $kind, 1, 'model', $version, 1)
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flywheel.toml").write_text('task_types = "mine.toml"\n')
    (tmp_path / "mine.toml").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.fixture
def stored(home):
    """Put one tag into the warehouse."""

    def put(kind, version):
        warehouse = home / "var" / "warehouse.duckdb"
        store.prepare(warehouse)
        with store.writing(warehouse) as con:
            con.execute(INSERT, {"kind": kind, "version": version})

    return put


def test_a_sound_list_ends_with_0_and_makes_no_store(home, flywheel):
    checked = flywheel("taxonomy", "check")
    assert checked.code == 0
    assert checked.out.startswith(f"{home / 'mine.toml'}: version 2, 60 kinds: maths 6")
    assert not (home / "var").exists()


@pytest.mark.slow
def test_an_error_ends_with_1_and_is_one_line_with_file_kind_and_fix(home, flywheel):
    text = (home / "mine.toml").read_text(encoding="utf-8")
    planted = text.replace("difficulty = 1", 'difficulty = 1\nchecks = ["emty"]', 1)
    (home / "mine.toml").write_text(planted, encoding="utf-8")
    checked = flywheel("taxonomy", "check")
    assert checked.code == 1
    assert (
        f"error: {home / 'mine.toml'}: maths/arithmetic: no check is named 'emty'; "
        "the nearest is 'empty'" in checked.out.splitlines()
    )


@pytest.mark.slow
def test_stored_tags_are_compared_with_the_list(stored, flywheel):
    stored("topology", 1)
    checked = flywheel("taxonomy", "check")
    assert checked.code == 0
    assert "maths/topology: 1 stored tags have this label" in checked.out
    stored("topology", 2)
    assert flywheel("taxonomy", "check").code == 1


def test_json_says_the_same(home, stored, flywheel):
    stored("topology", 2)
    body = json.loads(flywheel("taxonomy", "check", "--json").out)
    assert (body["file"], body["version"]) == (str(home / "mine.toml"), 2)
    assert body["kinds_per_area"]["maths"] == 6
    assert body["findings"][0]["level"] == "error"
    assert body["findings"][0]["fix"] == "raise `version` to 3"


def test_a_list_that_cannot_be_read_is_one_line_and_2(home, flywheel):
    (home / "mine.toml").write_text("version = ")
    checked = flywheel("taxonomy", "check")
    assert checked.code == 2
    assert "mine.toml: not TOML" in checked.err
