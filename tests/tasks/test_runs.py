import pytest

from schemas.errors import DatasetError, PreflightFailed, TrainingFailed
from schemas.settings import TrainSettings
from tasks import runs
from tasks.adapters import store
from tasks.sft.spec import (
    Check,
    DroppedRow,
    Look,
    Progress,
    StopRate,
    TrainResult,
    TrainSpec,
    TypeLoss,
)


@pytest.fixture
def cfg(cfg):
    (cfg.root / "base").mkdir()
    (cfg.root / "base" / "config.json").write_text("{}")
    base = str(cfg.root / "base")
    return cfg.model_copy(update={"train": TrainSettings(base_model=base)})


def spec(cfg, run_id="0123456789abcdef"):
    out = cfg.var / "training" / run_id
    out.mkdir(parents=True, exist_ok=True)
    return TrainSpec(base_model=cfg.train.base_model, rows=out / "rows.jsonl", out=out)


def line(step):
    figures = dict.fromkeys(("loss", "learning_rate", "grad_norm", "token_accuracy", "epoch"), 0.5)
    return Progress(step=step, steps=9, tokens=step * 10, **figures).model_dump_json()


def log(spec, text):
    (spec.out / "metrics.jsonl").write_text(text)


def result(spec):
    return TrainResult(
        fingerprint="f",
        model=spec.out / "model",
        rows=8,
        rows_with_copies=11,
        dropped=(DroppedRow(row=3, id="a3-0-0", reason="too_long", tokens=99),),
        label_tokens=70,
        tokens=300,
        steps=9,
        resumed_from=0,
        seconds=1.5,
        loss=0.5,
        validation_loss=None,
        pad_token="<pad>",
        pad_reason="the tokenizer's own",
        best_step=3,
        stop_rates=(
            StopRate(step=0, prompts=20, stopped=7),
            StopRate(step=3, prompts=20, stopped=20),
        ),
        validated=(measured(3, 2, 0.5), measured(6, 2, 0.75), measured(3, 9, 0.25)),
        notes=("it overfitted",),
        stop_token="<end>",
        versions={"torch": "2"},
    )


def measured(step, rows, loss):
    part = TypeLoss(task_type="qa/how_to", rows=rows, label_tokens=rows * 5, loss=loss)
    return Look(step=step, validation=(part,))


def stored(cfg, table):
    return store.select(cfg.warehouse, f"FROM {table} ORDER BY ALL").to_dicts()


def test_a_run_begins_with_its_base_model_in_the_registry(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", None)
    assert row["model_id"] == "v1-012345"
    [run] = stored(cfg, "training_runs")
    assert (run["status"], run["dataset_version"]) == ("running", "v1")
    [base] = stored(cfg, "models")
    assert (base["model_id"], base["status"], base["path"]) == (runs.base_id(cfg), "base", "base")
    assert run["base_model"] == base["model_id"]


def test_settings_of_a_run_name_no_place_on_this_machine(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", None)
    assert str(cfg.var) not in row["settings"]


def test_a_run_that_goes_on_keeps_its_start_and_its_base(cfg):
    first = runs.begin(cfg, spec(cfg), "v1", None)
    again = runs.begin(cfg, spec(cfg), "v1", None)
    assert again == first
    assert len(stored(cfg, "training_runs")) == len(stored(cfg, "models")) == 1


def test_other_weights_under_the_same_name_are_another_base(cfg):
    runs.begin(cfg, spec(cfg), "v1", "m1")
    (cfg.root / "base" / "config.json").write_text('{"layers": 2}')
    runs.begin(cfg, spec(cfg, "f" * 16), "v1", "m2")
    assert len({row["model_id"] for row in stored(cfg, "models")}) == 2


def test_a_name_of_another_model_is_refused(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", "m1")
    runs.finish(cfg, spec(cfg), row, result(spec(cfg)))
    before = stored(cfg, "training_runs")
    with pytest.raises(DatasetError, match="there is a model 'm1' already, of another run"):
        runs.begin(cfg, spec(cfg, "f" * 16), "v2", "m1")
    assert stored(cfg, "training_runs") == before


def test_the_kept_weights_loss_on_all_rows_stands_for_the_look_at_some(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", None)
    for _ in range(2):
        runs.finish(cfg, spec(cfg), row, result(spec(cfg)))
    names = ("step", "area", "kind", "rows", "loss")
    losses = [tuple(one[name] for name in names) for one in stored(cfg, "training_validation")]
    assert losses == [(3, "qa", "how_to", 9, 0.25), (6, "qa", "how_to", 2, 0.75)]


def test_what_preflight_found_stays_with_a_run_that_failed(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", None)
    check = Check(name="disk", passed=False, finding="9 GB needed", fix="Make room.")
    (spec(cfg).out / "preflight.jsonl").write_text(check.model_dump_json() + "\n")
    runs.fail(cfg, spec(cfg), row, PreflightFailed("1 of 14 checks failed"))
    [run] = stored(cfg, "training_runs")
    assert run["checks"] == [{"name": "disk", "passed": False, "finding": "9 GB needed"}]
    assert (run["status"], run["message"]) == ("failed", "1 of 14 checks failed")


def test_a_finished_run_leaves_a_candidate_and_its_steps(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", "m1")
    log(spec(cfg), f"{line(3)}\n{line(6)}\n")
    assert runs.model_of(cfg, spec(cfg).out.name) is None
    assert runs.finish(cfg, spec(cfg), row, result(spec(cfg))) == "m1"
    assert runs.model_of(cfg, spec(cfg).out.name) is None  # its weights are not there
    (spec(cfg).out / "model").mkdir()
    assert runs.model_of(cfg, spec(cfg).out.name) == "m1"
    [run] = stored(cfg, "training_runs")
    assert (run["status"], run["rows_trained"], run["steps"]) == ("complete", 8, 9)
    assert run["dropped"] == [{"answer_id": "a3-0-0", "reason": "too_long", "tokens": 99}]
    assert run["stop_rates"][-1] == {"step": 3, "prompts": 20, "stopped": 20}
    assert (run["best_step"], run["notes"]) == (3, ["it overfitted"])
    [model] = [one for one in stored(cfg, "models") if one["model_id"] == "m1"]
    assert (model["status"], model["run_id"]) == ("candidate", spec(cfg).out.name)
    assert model["path"] == f"var/training/{spec(cfg).out.name}/model"
    assert [one["step"] for one in stored(cfg, "training_metrics")] == [3, 6]


def test_a_name_that_another_run_took_meanwhile_is_not_taken_away(cfg):
    first, second = spec(cfg, "0123456789abcdef"), spec(cfg, "fedcba9876543210")
    rows = [runs.begin(cfg, one, "v1", "best") for one in (first, second)]
    runs.finish(cfg, first, rows[0], result(first))
    with pytest.raises(DatasetError, match="'best' already, of another run"):
        runs.finish(cfg, second, rows[1], result(second))
    owners = [model["run_id"] for model in stored(cfg, "models") if model["model_id"] == "best"]
    assert owners == [first.out.name]


def test_a_failed_run_says_why_and_how_far_it_came_and_makes_no_model(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", "m1")
    log(spec(cfg), f"{line(3)}\n{line(6)}\n{line(9)[:20]}")
    runs.fail(cfg, spec(cfg), row, TrainingFailed("killed"))
    [run] = stored(cfg, "training_runs")
    assert (run["status"], run["message"]) == ("failed", "killed")
    assert [one["step"] for one in stored(cfg, "training_metrics")] == [3, 6]
    assert runs.model_of(cfg, spec(cfg).out.name) is None


@pytest.mark.parametrize("text", ["", line(3)[:20]], ids=["empty", "one torn line"])
def test_a_run_that_logged_no_whole_line_has_no_steps(cfg, text):
    row = runs.begin(cfg, spec(cfg), "v1", "m1")
    log(spec(cfg), text)
    runs.fail(cfg, spec(cfg), row, TrainingFailed("killed"))
    assert stored(cfg, "training_metrics") == []


def test_steps_of_an_earlier_attempt_are_replaced(cfg):
    row = runs.begin(cfg, spec(cfg), "v1", "m1")
    log(spec(cfg), f"{line(3)}\n")
    runs.fail(cfg, spec(cfg), row, TrainingFailed("killed"))
    log(spec(cfg), f"{line(3)}\n{line(6)}\n")
    runs.finish(cfg, spec(cfg), runs.begin(cfg, spec(cfg), "v1", "m1"), result(spec(cfg)))
    assert [one["step"] for one in stored(cfg, "training_metrics")] == [3, 6]
    assert stored(cfg, "training_runs")[0]["message"] is None
