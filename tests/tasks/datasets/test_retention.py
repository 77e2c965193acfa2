import shutil

import polars as pl
import pytest

from schemas import contracts
from schemas.errors import NotFound, Refused
from schemas.run import Run
from tasks import models, runs
from tasks.adapters import store
from tasks.datasets.retention import mark, prune, remove
from tasks.datasets.versions import about, freeze
from tasks.train import train
from tasks.upsample import prepare

TABLES = ("dataset_versions", "sft_rows", "dataset_drops")


@pytest.fixture(scope="module")
def three(new_store, tmp_path_factory, keep, kept):
    """Three versions, v1 to v3, each of a row to train on and a row left out."""
    cfg = new_store(tmp_path_factory.mktemp("three") / "versions")
    keep(cfg, kept("a1", "Why?"), kept("a2", "How?", " "))
    dataset = prepare(cfg)
    for version in ("v1", "v2", "v3"):
        freeze(cfg.warehouse, dataset, version)
    return cfg.warehouse


@pytest.fixture
def cfg(cfg, three):
    shutil.copy(three, cfg.warehouse)
    return cfg


def learn(cfg, version, status="complete", model_id=None):
    row = dict.fromkeys(contracts.schema("training_runs"))
    row |= {"run_id": f"r-{version}", "model_id": model_id or "m", "dataset_version": version}
    row |= {"base_model": "base", "batching": "padding", "status": status, "settings": "{}"}
    row |= {"dropped": [], "started_at": store.now(), "rows_trained": 1}
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "training_runs", contracts.frame("training_runs", [row]))
        if model_id:
            about = {"run_id": row["run_id"], "dataset_version": version, "status": "retired"}
            models.write(con, models.new_model(model_id=model_id, path="m", **about))


def left(cfg):
    """Return the versions that each table still knows."""
    return [
        store.select(cfg.warehouse, f"SELECT DISTINCT dataset_version FROM {table} ORDER BY ALL")
        .to_series()
        .to_list()
        for table in TABLES
    ]


def test_a_removed_version_leaves_nothing_and_the_others_whole(cfg):
    frozen = about(cfg.warehouse, "v2")["sha256"]
    assert remove(cfg.warehouse, "v2") == frozen
    assert left(cfg) == [["v1", "v3"]] * 3
    assert store.select(cfg.warehouse, "FROM conservation").rows() == []
    with pytest.raises(NotFound, match=r"no dataset 'v2'\. There are: v1, v3"):
        remove(cfg.warehouse, "v2")


def test_a_removed_version_is_built_again_with_the_same_hash(cfg):
    before = remove(cfg.warehouse, "v2")
    freeze(cfg.warehouse, prepare(cfg), "v2")
    assert about(cfg.warehouse, "v2")["sha256"] == before


def test_a_version_that_a_model_learned_from_stays_whatever_became_of_the_model(cfg):
    learn(cfg, "v1", model_id="m1")
    with pytest.raises(Refused, match="dataset 'v1' stays: model m1 learned from it"):
        remove(cfg.warehouse, "v1")
    assert left(cfg) == [["v1", "v2", "v3"]] * 3


def test_a_model_keeps_its_version_where_its_run_failed_when_it_was_repeated(cfg):
    learn(cfg, "v1", "failed", model_id="m1")
    with pytest.raises(Refused, match="model m1"):
        remove(cfg.warehouse, "v1")


@pytest.mark.parametrize("status", ["running", "complete"])
def test_a_version_that_is_being_trained_on_stays(cfg, status):
    learn(cfg, "v1", status)
    with pytest.raises(Refused, match=rf"stays: run r-v1 \({status}\) learned from it"):
        remove(cfg.warehouse, "v1")


def test_a_run_that_failed_and_made_no_model_holds_no_version(cfg):
    learn(cfg, "v1", "failed")
    remove(cfg.warehouse, "v1")
    assert left(cfg) == [["v2", "v3"]] * 3


def test_a_run_does_not_go_on_with_a_version_that_was_removed_as_it_began(
    cfg, monkeypatch, tmp_path
):
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text("{}")
    trained = cfg.train.model_copy(update={"base_model": str(tmp_path / "base")})
    begin = runs.begin

    def late(*told):
        remove(cfg.warehouse, "v1")
        return begin(*told)

    monkeypatch.setattr(runs, "begin", late)
    with pytest.raises(NotFound, match="no dataset 'v1'"):
        train.fn(Run(cfg=cfg.model_copy(update={"train": trained})), "v1")
    [status] = store.select(cfg.warehouse, "SELECT status FROM training_runs").to_series()
    assert status == "failed"


def test_the_newest_stay_and_so_do_those_that_were_learned_from():
    found = pl.DataFrame({"dataset_version": ["v4", "v3", "v2", "v1"]})
    users = pl.DataFrame({"dataset_version": ["v1", "v1"], "user": ["run r9", "model m1"]})
    assert mark(found, users, 2).rows() == [
        ("v4", "among the newest 2"),
        ("v3", "among the newest 2"),
        ("v2", None),
        ("v1", "model m1, run r9"),
    ]


def test_pruning_removes_what_a_dry_run_says(cfg):
    learn(cfg, "v1", model_id="m1")
    said = prune(cfg.warehouse, 1, dry_run=True)
    assert left(cfg) == [["v1", "v2", "v3"]] * 3
    done = prune(cfg.warehouse, 1, dry_run=False)
    assert done.equals(said)
    assert done.select("dataset_version", "stays").rows() == [
        ("v3", "among the newest 1"),
        ("v2", None),
        ("v1", "model m1"),
    ]
    assert left(cfg) == [["v1", "v3"]] * 3
