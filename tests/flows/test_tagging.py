import json
from datetime import date, datetime, timedelta

import pytest

from flows.running import Order
from schemas import contracts
from schemas.conversation import text_message
from schemas.settings import FlywheelSettings
from schemas.settings_file import load
from tasks.adapters import store

KINDS = {"code/debug": "Oslo stack of no. {} fell over", "chat/advice": "my sister and no. {}, hm"}
DAY = date(2026, 3, 2)


@pytest.fixture
def home(tmp_path, flywheel):
    """A folder with a list of two kinds, and a hundred tags wanted."""
    kinds = "".join(
        f'[kinds.{label.replace("/", ".")}]\ndescription = "{label}."\n'
        f'answer_style = "long"\nexamples = ["{label}?"]\n'
        for label in KINDS
    )
    (tmp_path / "task_types.toml").write_text(f"version = 1\n{kinds}")
    (tmp_path / "logs").mkdir()
    (tmp_path / "flywheel.toml").write_text(
        'task_types = "task_types.toml"\n[tag]\nmin_tags = 100\n[[sources]]\npath = "logs"\n'
    )
    return tmp_path


def tagged(home, count):
    """Store prompts that the strong model tagged."""
    warehouse = load(home / "flywheel.toml").warehouse
    store.prepare(warehouse)
    labels = [list(KINDS)[n % 2] for n in range(count)]
    about = {"traits": [], "origin": "log", "rule_hits": [], "drop_reason": None, "language": "en"}
    asked = dict.fromkeys(("user_key", "reason", "tag_key", "call_key")) | {"day": DAY, "turn": 0}
    asked |= {"confidence": 1.0, "tagger": "model", "taxonomy_version": 1}
    rows = [
        {
            **about,
            **asked,
            "prompt_id": f"p{n}",
            "chat_id": f"p{n}",
            "started_at": datetime(2026, 3, 2) + timedelta(seconds=n),
            "messages": [text_message("user", KINDS[label].format(n))],
            "prompt": KINDS[label].format(n),
            "area": label.split("/")[0],
            "kind": label.split("/")[1],
            "input_hash": n,
        }
        for n, label in enumerate(labels)
    ]
    with store.writing(warehouse) as con:
        for table in ("prompts", "tagged_prompts"):
            columns = contracts.schema(table)
            made = [{name: row[name] for name in columns} for row in rows]
            store.insert(con, table, contracts.frame(table, made))


def test_too_few_tags_are_refused_in_one_line(home, flywheel):
    tagged(home, 99)
    refused = flywheel("tag", "train")
    assert refused.code == 1
    assert "has 99 different prompts" in refused.err
    assert refused.err.count("\n") == 1


def test_training_prints_figures_for_people_and_for_programs(home, flywheel):
    tagged(home, 200)
    shown = flywheel("tag", "train")
    assert shown.code == 0, shown.err
    assert "macro-F1 over areas" in shown.out
    assert "share of prompts that then need no strong model" in shown.out
    figures = json.loads(flywheel("tag", "train", "--json").out)
    assert (figures["tags"], figures["precision"]) == (200, 0.9)
    assert figures["macro_f1_area"] > 0.9
    assert {"accuracy_area", "accuracy_kind", "macro_f1_kind", "threshold", "share_spared"} <= set(
        figures
    )


def test_doctor_names_a_damaged_classifier_and_what_to_do(home, flywheel):
    tagged(home, 200)
    assert flywheel("tag", "train").code == 0
    (home / "var" / "tagger" / "classifier.json").write_text("{")
    findings = json.loads(flywheel("doctor", "--json").out)["findings"]
    (said,) = [found for found in findings if found["what"] == "classifier"]
    assert said["state"] == "problem"
    assert "flywheel tag train" in said["said"]


def test_a_run_that_retries_asks_for_tags_and_answers_again():
    run = Order(retry_failed=True).run(FlywheelSettings())
    assert (run.restage, run.retry_failed) == ({"tag", "answer"}, True)
