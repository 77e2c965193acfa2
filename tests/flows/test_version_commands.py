import json
import shutil
from datetime import date

import pytest

from schemas import contracts
from schemas.settings import DatasetSettings, FlywheelSettings
from tasks import published
from tasks.adapters import store
from tasks.datasets.versions import freeze
from tasks.upsample import prepare

NEXT = date(2026, 3, 3)


@pytest.fixture(scope="module")
def frozen(two_days, tmp_path_factory):
    """A store with v1 of the second day, v2 of both."""
    var = tmp_path_factory.mktemp("frozen") / "var"
    cfg = FlywheelSettings(var=var, dataset=DatasetSettings(min_short_share=0.06))
    var.mkdir()
    shutil.copy(two_days, cfg.warehouse)
    freeze(cfg.warehouse, prepare(cfg, NEXT), "v1")
    freeze(cfg.warehouse, prepare(cfg), "v2")
    return cfg.warehouse


@pytest.fixture
def versions(home, frozen):
    """A folder with a copy of it."""
    shutil.copy(frozen, home.warehouse)
    return home


def names(flywheel):
    listed = json.loads(flywheel("dataset", "list", "--json").out)
    return [one["dataset_version"] for one in listed]


def learn(cfg, version):
    row = dict.fromkeys(contracts.schema("training_runs"))
    row |= {"run_id": "r1", "model_id": "m1", "dataset_version": version, "base_model": "base"}
    row |= {"batching": "padding", "status": "running", "settings": "{}", "dropped": []}
    row |= {"started_at": store.now()}
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "training_runs", contracts.frame("training_runs", [row]))


def test_two_versions_are_compared_for_people_and_for_programs(versions, flywheel):
    told = json.loads(flywheel("dataset", "diff", "v1", "v2", "--json").out)
    assert [(one["way"], one["what"], one["rows"]) for one in told["rows"]] == [
        ("changed", "copies", 2),
        ("new", "not_an_input", 10),
    ]
    assert told["answers"][0] == {"answer_id": "a0-0-0", "way": "new", "what": ["not_an_input"]}
    moods = next(one for one in told["task_type"] if one["task_type"].endswith("sentiment"))
    assert (moods["train_a"], moods["train_b"], moods["loss_share_a"]) == (2, 2, 1.0)
    assert {"setting": "first_day", "a": "2026-03-03", "b": "2026-03-02"} in told["made_of"]
    shown = flywheel("dataset", "diff", "v1", "v2").out
    for said in ("Rows of v2, seen from v1", "not_an_input", "By language", "By teacher"):
        assert said in shown


def test_a_version_that_is_whole_verifies_with_0_and_a_changed_one_with_1(versions, flywheel):
    whole = flywheel("dataset", "verify", "v1")
    assert whole.code == 0
    assert "v1 is as it was frozen: sha256" in whole.out
    with store.writing(versions.warehouse) as con:
        con.execute("UPDATE sft_rows SET copies = 9 WHERE dataset_version = 'v1'")
    changed = flywheel("dataset", "verify", "v1")
    assert changed.code == 1
    assert "dataset 'v1' is not what was frozen" in changed.err
    assert flywheel("dataset", "verify", "v2").code == 0


def test_a_removed_version_is_gone_for_analysts_too_and_ids_are_still_explained(versions, flywheel):
    done = flywheel("dataset", "remove", "v1")
    assert "removed v1, sha256" in done.out
    assert names(flywheel) == ["v2"]
    read = published.source(versions, live=False)
    for table in ("dataset_versions", "sft_rows", "dataset_drops", "dataset_mix"):
        found = published.select(read, f"SELECT DISTINCT dataset_version FROM {table}")
        assert found.rows() == [("v2",)], table
    assert published.select(read, "FROM conservation").height == 0
    assert set(published.journey(read, "b0-0-0")["reason"]) == {None, "v2"}


def test_a_version_that_is_learned_from_is_not_removed_and_the_code_is_1(versions, flywheel):
    learn(versions, "v1")
    refused = flywheel("dataset", "remove", "v1")
    assert refused.code == 1
    assert (
        "dataset 'v1' stays: run r1 (running) learned from it. Nothing was removed." in refused.err
    )
    assert "0 of 2 removed" in flywheel("dataset", "prune", "--keep", "1").out
    assert names(flywheel) == ["v1", "v2"]


def test_pruning_keeps_the_newest_and_a_dry_run_keeps_all(versions, flywheel):
    assert "1 of 2 would be removed" in flywheel("dataset", "prune", "--keep", "1", "--dry-run").out
    assert names(flywheel) == ["v1", "v2"]
    done = flywheel("dataset", "prune", "--keep", "1").out
    assert "among the newest 1" in done
    assert "1 of 2 removed" in done
    assert names(flywheel) == ["v2"]


def test_task_types_with_few_validation_rows_are_named_wherever_a_dataset_is_shown(home, flywheel):
    said = "(dataset.min_validation_rows = 5): classification/sentiment 0, qa/how_to 1. Their"
    for words in (("plan",), ("build", "--name", "v1"), ("show", "v1")):
        assert said in flywheel("dataset", *words).out
    shown = json.loads(flywheel("dataset", "show", "v1", "--json").out)
    assert said in shown["plan"]["warnings"][-1]
    toml = home.root / "flywheel.toml"
    toml.write_text("[dataset]\nmin_validation_rows = 0\n")
    assert "too few" not in flywheel("dataset", "plan").out


@pytest.mark.parametrize(
    "words", [("diff", "v1", "v9"), ("verify", "v9"), ("remove", "v9")], ids=" ".join
)
def test_an_unknown_version_is_one_line_with_the_known_ones(versions, flywheel, words):
    wrong = flywheel("dataset", *words)
    assert wrong.code == 2
    assert "no dataset 'v9'. There are: v1, v2." in wrong.err
