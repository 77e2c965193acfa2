"""`flywheel answer --preview` and `flywheel pool`."""

import json
import subprocess
import sys

import pytest

from schemas.settings_file import load
from tasks.adapters import store

EXAMPLES = [
    {"kind": "qa/how_to", "prompt": f"How do I cook dish {n}?", "answer": f"Slowly, {n} minutes."}
    for n in range(3)
]


@pytest.fixture
def home(tmp_path, flywheel):
    """A folder as `flywheel init` leaves it, with examples and no model."""
    assert flywheel("init").code == 0
    lines = "".join(json.dumps(example) + "\n" for example in EXAMPLES)
    (tmp_path / "examples.jsonl").write_text(lines)
    return tmp_path


@pytest.fixture
def asked(home, kept, keep):
    """A store with one prompt of each of two chats, deduped and not answered."""
    cfg = load(environ={})
    store.prepare(cfg.warehouse)
    keep(
        cfg,
        kept("c1", "How do I boil an egg?"),
        kept("c1b", "Sort: 3, 1", kind="reasoning/sorting"),
    )
    with store.writing(cfg.warehouse) as con:
        con.execute(
            "INSERT INTO unique_prompts BY NAME "
            "SELECT day, prompt_id, area, kind, input_hash FROM unique_answers"
        )
    return cfg


def test_a_pool_is_added_to_listed_and_taken_from(home, flywheel, kept, keep):
    assert flywheel("pool", "add", "examples.jsonl").out == (
        "pool version 1: 3 examples, 3 added\n"
    )
    cfg = load(environ={})
    keep(cfg, kept("c1", "How do I boil an egg?", "Six minutes."))
    assert (
        "pool version 2: 4 examples, 1 added" in flywheel("pool", "add", "--from-answers", "c1").out
    )
    said = json.loads(flywheel("pool", "list", "--json").out)
    assert [version["examples"] for version in said["versions"]] == [3, 4]
    ids = [example["example_id"] for example in said["examples"]]
    assert "c1-0-0" in ids
    assert "pool version 3: 2 examples, 2 removed" in flywheel("pool", "remove", *ids[:2]).out
    assert "Examples of the latest version" in flywheel("pool", "list").out
    published = flywheel("sql", "SELECT max(pool_version) FROM few_shot_pool", "--format", "csv")
    assert published.out.split() == ["max(pool_version)", "3"]


def test_a_preview_can_be_read_by_people_and_by_programs(home, asked, flywheel):
    flywheel("pool", "add", "examples.jsonl")
    with (home / "flywheel.toml").open("a") as toml:
        toml.write("\n[answer.kinds.'qa/*']\nfew_shot = 2\nsamples = 2\n")
    toml = (home / "flywheel.toml").read_text().replace("# kinds = {}", "")
    (home / "flywheel.toml").write_text(toml)
    shown = json.loads(flywheel("answer", "--preview", "c1-0", "--json").out)
    assert [each["sample"] for each in shown] == [0, 1]
    assert len(shown[0]["few_shot_ids"]) == 2
    said = flywheel("answer", "--preview", "c1-0").out
    assert "c1-0 (qa/how_to)" in said
    assert "version 1; examples: " + ", ".join(shown[0]["few_shot_ids"]) in said
    for message in shown[0]["request"]["messages"]:
        assert f"--- {message['role']}\n{message['content']}\n" in said


def test_a_prompt_that_no_run_would_send_says_why(asked, flywheel):
    with store.writing(asked.warehouse) as con:
        con.execute("UPDATE unique_prompts SET drop_reason = 'duplicate' WHERE prompt_id = 'c1-0'")
        con.execute("DELETE FROM unique_prompts WHERE prompt_id = 'c1b-0'")
    assert "not sent    dropped by dedupe: duplicate" in flywheel("answer", "--preview", "c1-0").out
    said = flywheel("answer", "--preview", "c1b")
    assert (said.code, said.out) == (2, "")
    assert "c1b-0 is not to be answered: not deduped yet. `flywheel explain c1b-0`" in said.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("answer",), "--preview ID shows a request"),
        (("answer", "--preview", "zz"), "no prompt begins with 'zz'"),
        (("answer", "--preview", "c1"), "'c1' is the beginning of several: c1-0, c1b-0"),
        (("pool", "add", "nope.jsonl"), "nope.jsonl cannot be read"),
        (("pool", "add", "--from-answers", "zz"), "no row of unique_answers begins with 'zz'"),
        (("pool", "remove", "zz"), "no example 'zz' in the latest version"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "said",
)
def test_mistakes_are_one_line(asked, flywheel, words, said):
    shown = flywheel(*words)
    assert (shown.code, len(shown.err.splitlines())) == (2, 1)
    assert said in shown.err


def test_a_preview_without_a_store_says_how_to_make_one(home, flywheel):
    said = flywheel("answer", "--preview", "c1")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "no warehouse at" in said.err


@pytest.mark.slow
def test_a_preview_does_not_wait_for_prefect():
    code = "import sys, flows.answering; print('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
def test_doctor_looks_at_every_endpoint_and_at_the_templates(home, flywheel):
    toml = (home / "flywheel.toml").read_text()
    toml = toml.replace("# endpoints = {}", "").replace("# kinds = {}", "")
    toml += (
        "\n[llm.endpoints.small]\nbase_url = 'http://127.0.0.1:9/v1'\nmodel = 'small-1'\n"
        "[answer.kinds.'maths/*']\ntemplate = 'tea.v1'\n"
    )
    (home / "flywheel.toml").write_text(toml)
    findings = json.loads(flywheel("doctor", "--json").out)["findings"]
    found = {each["what"]: (each["state"], each["said"]) for each in findings}
    assert found["endpoint small"][0] == "problem"
    assert "llm.endpoints.small.input_usd_per_mtok" in found["price at small"][1]
    assert found["answer"][0] == "problem"
    assert "no template 'tea.v1'" in found["answer"][1]
    said = flywheel("run", "--day", "2026-05-01")
    assert (said.code, len(said.err.splitlines())) == (2, 1)
    assert "no template 'tea.v1'" in said.err
