"""A release from kept answers to a champion: real children, Prefect's own engine."""

import json
import os
import signal
import subprocess
import sys
from itertools import pairwise

import polars as pl
import pytest
from prefect.client.orchestration import get_client

from flows.evaluate import evaluate
from flows.release import release
from flows.releasing import run_preflight
from flows.train import train
from schemas.errors import DatasetError, NotFound, PadEqualsEos, SettingsError
from schemas.settings import EvaluateSettings, TrainSettings
from tasks import models, promote
from tasks.adapters import store
from tasks.datasets import versions
from tasks.datasets.versions import freeze
from tasks.published import journey, source

pytest.importorskip("torch", reason="not run: no torch")
# real training, twice; .ci/run does it
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def cfg(ready):
    """One store for this module; its tests go from the first release on."""
    return ready()


@pytest.fixture(scope="module")
def decision(prefect_backend, cfg):
    """What the first release decided."""
    return release(name="v1", cfg=cfg)


def test_a_release_ends_with_a_champion_that_beats_its_base(decision, cfg, tables):
    assert decision.promoted, decision.reason
    registry = tables(cfg, "models")
    assert dict(registry.select("model_id", "status").iter_rows()) == {
        "v1": "champion",
        tables(cfg, "training_runs")["base_model"].item(): "base",
    }
    assert "better than base@" in decision.reason
    whole = tables(cfg, "verdicts").filter(pl.col("area") == "all").to_dicts()[0]
    assert whole["correct"] > whole["correct_against"]
    assert whole["prompts"] == 30
    assert tables(cfg, "conservation").height == 0


def test_a_dataset_names_its_tokenizer_by_hash(decision, cfg, tables):
    from tasks.sft.load import tokenizer_of
    from tasks.sft.tokens import digest

    [found] = tables(cfg, "dataset_versions")["tokenizer_sha256"].to_list()
    assert found == digest(tokenizer_of(cfg.train.base_model))


def test_every_row_is_in_the_dataset_or_left_out_and_no_eval_prompt_is(decision, cfg, tables):
    rows, drops = tables(cfg, "sft_rows"), tables(cfg, "dataset_drops")
    assert rows.height + drops.height == 80
    asked = set(tables(cfg, "eval_prompts")["messages"].list.last().struct.field("content"))
    trained = set(rows["messages"].list.first().struct.field("content"))
    assert not asked & trained


def test_the_run_is_in_the_store_with_its_steps(decision, cfg, tables):
    row = tables(cfg, "training_runs").to_dicts()[0]
    steps = tables(cfg, "training_metrics")
    assert (row["status"], row["model_id"], row["batching"]) == ("complete", "v1", "padding")
    assert row["rows_trained"] == tables(cfg, "dataset_versions")["train_rows"].item()
    assert (row["pad_token"], row["stop_token"]) == ("<|pad|>", "<|end|>")
    assert steps["step"].max() == row["steps"]
    assert steps.sort("step")["loss"][-1] < steps.sort("step")["loss"][0]
    assert json.loads(row["versions"])["trl"]
    assert 0 < row["validation_loss"] < 10
    card = cfg.var / "training" / row["run_id"] / "model" / "README.md"
    assert "dataset_version: v1\n" in card.read_text()


def test_the_published_file_says_which_model_has_seen_an_answer(decision, cfg, tables):
    seen = tables(cfg, "sft_rows").filter(pl.col("split") == "train")["answer_id"][0]
    steps = journey(source(cfg, live=False), seen)
    assert steps["decision"].to_list()[-2:] == ["train", "trained v1"]


def test_every_stage_of_a_release_leaves_an_artifact(decision):
    with get_client(sync_client=True) as client:
        keys = {artifact.key for artifact in client.read_artifacts(limit=200)}
    assert keys >= {"upsample-v1", "train-v1", "evaluate-v1", "promote-v1"}


def test_the_same_release_again_changes_nothing(decision, cfg, tables):
    names = ("dataset_versions", "sft_rows", "training_runs", "training_metrics", "models")
    before = {name: tables(cfg, name) for name in names}
    again = release(name="v1", cfg=cfg)
    assert again.promoted
    assert [name for name in names if not tables(cfg, name).equals(before[name])] == []


def test_other_settings_under_the_same_name_are_refused(decision, cfg):
    other = cfg.model_copy(update={"train": cfg.train.model_copy(update={"seed": 8})})
    with pytest.raises(DatasetError, match="there is a model 'v1' already"):
        train("v1", "v1", cfg=other)


@pytest.mark.slow
def test_a_candidate_that_learned_wrong_labels_is_refused(decision, cfg, tables):
    about = versions.about(cfg.warehouse, "v1")
    rows, drops = (
        tables(cfg, name).drop("dataset_version") for name in ("sft_rows", "dataset_drops")
    )
    labels = ["positive", "neutral", "negative", "positive"]
    next_of = dict(pairwise(labels))
    changed = [
        [*said, last | {"content": next_of[last["content"]]}] for *said, last in rows["messages"]
    ]
    rows = rows.with_columns(pl.Series("messages", changed, dtype=rows.schema["messages"]))
    kept = {n: v for n, v in about.items() if n not in ("dataset_version", "created_at", "sha256")}
    freeze(cfg.warehouse, versions.Dataset(rows, drops, pl.DataFrame(), kept), "shuffled")
    assert train("shuffled", "worse", cfg=cfg) == "worse"
    assert evaluate("worse", cfg=cfg) == "v1"
    refused = promote.promote_now(cfg, "worse")[0]
    assert not refused.promoted
    assert refused.reason.startswith("worse than v1 in classification/sentiment ")
    registry = dict(tables(cfg, "models").select("model_id", "status").iter_rows())
    assert (registry["v1"], registry["worse"]) == ("champion", "candidate")
    assert store.select(cfg.warehouse, "FROM regressions")["model_id"].unique().to_list() == [
        "worse"
    ]


def test_a_model_whose_weights_are_gone_is_named(decision, cfg, tmp_path):
    row = {"model_id": "v9", "run_id": "r", "path": "var/training/r/model", "status": "candidate"}
    with store.writing(cfg.warehouse) as con:
        models.write(con, models.new_model(**row))
    with pytest.raises(NotFound, match=r"the weights of v9 are gone from var/training/r/model"):
        evaluate("v9", "v1", cfg=cfg)
    with store.writing(cfg.warehouse) as con:
        store.delete_where(con, "models", model_id="v9")


def test_a_promotion_that_is_killed_did_not_happen(decision, cfg, tables):
    before = tables(cfg, "models")
    champion = before.filter(pl.col("status") == "champion").to_dicts()[0]
    rival = champion | {"model_id": "v2", "run_id": "r2", "status": "candidate"}
    with store.writing(cfg.warehouse) as con:
        models.write(con, rival | {"promoted_at": None, "reason": None})
        verdicts = store.frame(con, "FROM verdicts WHERE model_id = 'v1'").with_columns(
            model_id=pl.lit("v2"), against=pl.lit("v1")
        )
        store.insert(con, "verdicts", verdicts)
    waiting = tables(cfg, "models")
    told = cfg.model_dump_json()
    done = subprocess.run(
        [sys.executable, "-c", _KILLED_IN_PROMOTION, told], check=False, env=os.environ
    )
    assert done.returncode == -signal.SIGKILL
    assert tables(cfg, "models").equals(waiting)
    assert promote.promote_now(cfg, "v2")[0].promoted
    champions = tables(cfg, "models").filter(pl.col("status") == "champion")
    assert champions["model_id"].to_list() == ["v2"]
    assert promote.rollback(cfg)[0]["model_id"] == "v1"


_KILLED_IN_PROMOTION = """
import os, signal, sys
from schemas.settings import FlywheelSettings
from tasks import models, promote

writes = []
really = models.write

def write(con, model):
    really(con, model)
    writes.append(model)
    if len(writes) == 2:
        os.kill(os.getpid(), signal.SIGKILL)

models.write = write
promote.promote_now(FlywheelSettings.model_validate_json(sys.argv[1]), "v2")
"""


def test_without_an_eval_set_nothing_is_trained(prefect_backend, ready):
    cfg = ready().model_copy(update={"evaluate": EvaluateSettings(eval_set="e2")})
    with pytest.raises(SettingsError, match=r"no eval set 'e2'; there are: e1\. Make one with"):
        release(name="v1", cfg=cfg)
    assert store.select(cfg.warehouse, "FROM dataset_versions").height == 0


def test_without_a_base_model_the_release_says_what_to_set(prefect_backend, ready):
    cfg = ready().model_copy(update={"train": TrainSettings()})
    with pytest.raises(SettingsError, match=r"set `base_model` under \[train\]"):
        release(name="v1", cfg=cfg)


@pytest.mark.slow
def test_preflight_alone_says_what_would_be_trained(decision, cfg, capsys):
    assert run_preflight(cfg, "v1") == 0
    said = capsys.readouterr().out
    assert "every_row_ends: 0 of" in said
    assert said.endswith("14 of 14 checks passed\n")
    wrong = cfg.train.model_copy(update={"pad_token": "<|end|>"})
    assert run_preflight(cfg.model_copy(update={"train": wrong}), "v1") == 1
    assert "FAILED padding_token: `pad_token` '<|end|>' is an end token" in capsys.readouterr().out


@pytest.mark.slow
def test_a_run_that_would_not_learn_to_stop_fails_and_says_why(prefect_backend, ready, tables):
    cfg = ready()
    wrong = cfg.train.model_copy(update={"pad_token": "<|end|>"})
    with pytest.raises(PadEqualsEos, match=r"Set it to '<\|pad\|>'"):
        release(name="v1", cfg=cfg.model_copy(update={"train": wrong}))
    row = tables(cfg, "training_runs").to_dicts()[0]
    assert (row["status"], "is an end token" in row["message"]) == ("failed", True)
    assert tables(cfg, "models")["status"].to_list() == ["base"]
