import ast
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import TaxonomyError
from schemas.settings import CapSettings, FlywheelSettings
from schemas.stages import BY_NAME, STAGES
from tasks import fingerprint
from tasks.fingerprint import code_version, row_hashes, rows_hash, settings_hash, text_hash

ROOT = Path(__file__).parents[2]
CFG = FlywheelSettings()
ROWS = pl.DataFrame(
    {
        "id": ["a", "b"],
        "text": ["줄\n바꿈\r\u2028\x85끝 'q' \"q\"", None],
        "day": [date(2026, 3, 2), None],
        "at": [datetime(2026, 3, 2, 4, 5, 6, 7), None],
        "key": [2**64 - 1, None],
        "share": [0.1, None],
        "kept": [True, None],
        "words": [["x", "y"], []],
        "messages": [[{"role": "user", "parts": None}], None],
    },
    schema_overrides={"key": pl.UInt64},
)

# plumbing that every stage shares, and shapes of data: they decide how rows are moved, not which
PLUMBING = {
    "schemas/__init__.py",
    *(f"schemas/{name}.py" for name in ("batch", "contracts", "conversation", "ddl", "errors")),
    *(f"schemas/{name}.py" for name in ("rows", "run", "settings", "stages")),
    "schemas/answer_settings.py",
    "schemas/columns.py",
    "schemas/filter_settings.py",
    "schemas/model_settings.py",
    "schemas/patterns.py",
    "schemas/release_rows.py",
    "schemas/release_settings.py",
    "schemas/check_names.py",
    "schemas/rule_names.py",
    "schemas/trait_names.py",
    "tasks/checks/check.py",
    "schemas/settings_base.py",
    "schemas/settings_file.py",
    "schemas/task_types.py",
    "tasks/__init__.py",
    *(f"tasks/{name}.py" for name in ("announce", "fingerprint", "ledger", "progress", "stage")),
    "tasks/call_progress.py",
    # pull looks whether votes concern an answer: that decides no row of its own
    *(f"tasks/answering/{name}.py" for name in ("logged", "style")),
    "tasks/templates/__init__.py",
    "tasks/kept_out.py",
    "tasks/word_list.py",
}


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A made-up stage whose files lie in a temporary folder."""
    stage = replace(BY_NAME["tag"], file="tasks/own.py", code=("tasks/rules/*.py",))
    for name in ("tasks/own.py", "tasks/rules/a.py", "schemas/queries/tag.sql", "tasks/other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(fingerprint, "ROOT", tmp_path)
    yield stage
    code_version.cache_clear()


def version(stage):
    code_version.cache_clear()
    return code_version(stage)


def variants(rows):
    """The same rows with one value of the first one changed, once per column."""
    for name in rows.columns:
        other = rows.with_columns(pl.col(name).reverse())
        yield name, rows.with_columns(other[name])


def test_a_row_hash_covers_every_column_nested_ones_too():
    before = row_hashes(ROWS)
    for name, changed in variants(ROWS):
        assert (row_hashes(changed) != before).all(), name


def test_a_row_hash_depends_on_nothing_but_the_row():
    assert row_hashes(ROWS.select(reversed(ROWS.columns))).equals(row_hashes(ROWS))
    assert row_hashes(ROWS.reverse()).to_list() == row_hashes(ROWS).to_list()[::-1]
    assert row_hashes(ROWS[1:]).to_list() == row_hashes(ROWS).to_list()[1:]
    assert row_hashes(ROWS.with_columns(extra=1)).ne(row_hashes(ROWS)).all()


def test_row_hashes_are_those_that_stores_already_hold():
    assert row_hashes(ROWS).to_list() == [11261944905838194054, 9792507920503219900]
    assert rows_hash(ROWS) == "31a2416723456b43"


def test_no_rows_have_no_hashes_and_yet_one_of_their_own():
    assert row_hashes(ROWS.clear()).to_list() == []
    assert rows_hash(ROWS.clear()) != rows_hash(ROWS)


def test_rows_are_hashed_the_same_in_slices(monkeypatch):
    many = pl.concat([ROWS] * 5)
    whole = row_hashes(many)
    monkeypatch.setattr(fingerprint, "_SLICE", 3)
    assert row_hashes(many).equals(whole)


@given(st.lists(st.tuples(st.text(), st.integers(0, 9)), max_size=8), st.randoms())
def test_the_hash_of_rows_ignores_their_order_and_nothing_else(rows, rng):
    def frame(some):
        return pl.DataFrame(some, schema={"text": pl.String, "n": pl.Int64}, orient="row")

    shuffled = rows.copy()
    rng.shuffle(shuffled)
    assert rows_hash(frame(shuffled)) == rows_hash(frame(rows))
    assert rows_hash(frame([*rows, ("x", 1)])) != rows_hash(frame(rows))


def test_text_hash_ignores_the_order_of_keys():
    assert text_hash({"a": 1, "b": 2}) == text_hash({"b": 2, "a": 1}) != text_hash({"a": 1})


@pytest.mark.parametrize("stage", STAGES[1:], ids=lambda stage: stage.name)
def test_concurrency_timeouts_retries_caps_prices_and_addresses_are_in_no_fingerprint(stage):
    llm = CFG.llm.model_copy(
        update={
            "base_url": "http://elsewhere:9/v1",
            "api_key_env": "OTHER",
            "concurrency": 1,
            "timeout_s": 1.0,
            "max_attempts": 1,
            "input_usd_per_mtok": 9.0,
            "output_usd_per_mtok": 9.0,
        }
    )
    other = CFG.model_copy(
        update={
            "llm": llm,
            "caps": CapSettings(max_calls=1, max_usd=1.0, max_tokens=1),
            "profile": "production",
            "var": Path("/elsewhere"),
            "sources": (),
            "pull": CFG.pull.model_copy(update={"late_days": 0}),
        }
    )
    assert settings_hash(stage, other) == settings_hash(stage, CFG)


@pytest.mark.parametrize(
    ("section", "update", "stages"),
    [
        ("filter", {"min_chars": 9}, {"filter"}),
        ("tag", {"use_model": False}, {"tag"}),
        ("dedupe", {"threshold": 0.9}, {"dedupe_prompts", "dedupe_answers"}),
        ("answer", {"temperature": 1.0}, {"answer", "check"}),
        ("check", {"min_answer_chars": 9}, {"check"}),
        ("llm", {"model": "other"}, {"tag", "answer", "check"}),
    ],
)
def test_a_setting_is_in_the_fingerprints_of_the_stages_it_decides_and_of_no_others(
    section, update, stages
):
    changed = getattr(CFG, section).model_copy(update=update)
    other = CFG.model_copy(update={section: changed})
    differ = {s.name for s in STAGES if settings_hash(s, other) != settings_hash(s, CFG)}
    assert differ == stages


def test_the_text_of_the_task_types_decides_and_not_where_they_lie(tmp_path):
    shipped = (ROOT / "schemas" / "task_types.toml").read_text()
    path = tmp_path / "task_types.toml"
    path.write_text(shipped)
    own = CFG.model_copy(update={"task_types": path})
    assert settings_hash(BY_NAME["tag"], own) == settings_hash(BY_NAME["tag"], CFG)
    path.write_text(shipped + "# \n")
    assert settings_hash(BY_NAME["tag"], own) != settings_hash(BY_NAME["tag"], CFG)


def test_task_types_that_are_missing_are_the_users_mistake(tmp_path):
    own = CFG.model_copy(update={"task_types": tmp_path / "nope.toml"})
    with pytest.raises(TaxonomyError, match=r"nope\.toml: No such file.* Fix `task_types`"):
        settings_hash(BY_NAME["tag"], own)


@pytest.mark.parametrize(
    "name", ["tasks/own.py", "tasks/rules/a.py", "tasks/rules/new.py", "schemas/queries/tag.sql"]
)
def test_the_code_version_changes_with_each_file_that_decides_the_rows(source, tmp_path, name):
    before = version(source)
    (tmp_path / name).write_text("edited")
    assert version(source) != before


def test_the_code_version_is_that_of_no_other_file_and_of_no_folder(source, tmp_path, monkeypatch):
    before = version(source)
    (tmp_path / "tasks/other.py").write_text("edited")
    (tmp_path / "tasks/rules/a.pyc").write_text("compiled")
    assert version(source) == before
    moved = tmp_path.with_name("moved")
    tmp_path.rename(moved)
    monkeypatch.setattr(fingerprint, "ROOT", moved)
    assert version(source) == before
    moved.rename(tmp_path)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_the_code_version_covers_what_the_stage_is_made_of(stage):
    covered = {path for glob in (stage.file, *stage.code) for path in ROOT.glob(glob)}
    made_of = {str(path.relative_to(ROOT)) for path in imported(ROOT / stage.file) - covered}
    assert made_of <= PLUMBING


def imported(path):
    """Every file of this project that `path` imports, directly or not; models are called alone."""
    found, queue = set(), [path]
    while queue:
        for name in names(queue.pop()):
            files = ROOT / f"{name}.py", ROOT / name / "__init__.py"
            new = {f for f in files if f.exists() and "tasks/adapters" not in str(f)} - found
            found |= new
            queue += new
    return found


def names(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            dotted = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
            yield from (name.replace(".", "/") for name in dotted)
