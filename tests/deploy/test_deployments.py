"""Two days and a release through a real Prefect server and worker, and what they leave behind."""

from datetime import date

import duckdb
import pytest
from prefect.client.schemas.filters import LogFilter

from schemas.stages import STAGES

pytestmark = pytest.mark.slow


def keys(turn):
    return {artifact.key for artifact in turn.client.read_artifacts(limit=200)}


def only(frame):
    assert frame.height == 1, frame
    return frame.row(0, named=True)


def test_a_run_is_named_after_what_it_was_asked_for(turn):
    assert {name: run.name for name, run in turn.runs.items()} == {
        "day": f"flywheel-{turn.day}",
        "night": "flywheel-2026-03-03",
        "release": f"release-{turn.model}",
    }


def test_the_server_knows_the_schedule_and_runs_a_deployment_once_at_a_time(turn):
    nightly = turn.client.read_deployment_by_name("flywheel/nightly")
    assert [(s.active, s.schedule.cron) for s in nightly.schedules] == [(True, "15 2 * * *")]
    for name in ("flywheel/nightly", "backfill/backfill", "release/release"):
        deployed = turn.client.read_deployment_by_name(name)
        assert deployed.global_concurrency_limit.limit == 1
        assert deployed.concurrency_options.collision_strategy.value == "ENQUEUE"
        assert deployed.work_pool_name == "flywheel"
    assert turn.client.read_deployment_by_name("release/release").schedules == []


def test_the_server_plans_the_coming_nights(turn):
    nightly = turn.client.read_deployment_by_name("flywheel/nightly")

    def planned():
        runs = turn.client.get_scheduled_flow_runs_for_deployments([nightly.id])
        return [run.expected_start_time for run in runs]

    turn.wait_until(planned)
    assert {(at.hour, at.minute) for at in planned()} == {(2, 15)}


def test_deploying_fixes_the_home(turn):
    steps = turn.client.read_deployment_by_name("flywheel/nightly").pull_steps
    step = steps[0]["prefect.deployments.steps.set_working_directory"]
    assert step == {"directory": str(turn.cfg.root)}


def test_the_day_is_in_the_tables(turn):
    chats = "SELECT count(*) AS n FROM chats WHERE day = $day"
    assert turn.rows(chats, day=turn.day)["n"].item() > 0
    kept = "SELECT count(*) AS n FROM unique_answers WHERE day = $day AND drop_reason IS NULL"
    assert turn.rows(kept, day=turn.day)["n"].item() > 0
    runs = turn.rows("SELECT stage, status FROM stage_runs WHERE day = $day", day=turn.day)
    assert dict(runs.iter_rows()) == {stage.name: "complete" for stage in STAGES}
    assert set(turn.rows("SELECT status FROM stage_runs")["status"]) == {"complete"}
    assert turn.rows("FROM conservation").height == 0


def test_a_night_runs_the_day_before_its_schedule(turn):
    answered = turn.rows("SELECT DISTINCT day FROM unique_answers ORDER BY day")
    assert answered["day"].to_list() == [turn.day, date(2026, 3, 3)]


def test_the_release_is_in_the_tables(turn):
    dataset = only(turn.rows("FROM dataset_versions"))
    assert (dataset["dataset_version"], dataset["first_day"]) == (turn.model, turn.day)
    rows = turn.rows("SELECT split, count(*) AS n FROM sft_rows GROUP BY split")
    counts = dict(rows.iter_rows())
    assert counts["train"] == dataset["train_rows"] > 0
    training = only(turn.rows("FROM training_runs"))
    assert (training["status"], training["model_id"]) == ("complete", turn.model)
    assert turn.rows("FROM training_metrics").height > 0
    models = {row["model_id"]: row for row in turn.rows("FROM models").to_dicts()}
    assert set(models) == {turn.model, training["base_model"]}
    asked = turn.rows("FROM eval_prompts").height
    answers = turn.rows("SELECT model_id, count(*) AS n FROM eval_answers GROUP BY 1")
    assert dict(answers.iter_rows()) == dict.fromkeys(models, asked)


def test_the_model_is_refused_and_the_verdicts_say_why(turn):
    verdicts = turn.rows("FROM verdicts")
    whole = verdicts.filter(verdicts["area"] == "all").row(0, named=True)
    assert whole["conclusion"] == "no_difference"
    model = only(turn.rows("FROM models WHERE model_id = $model", model=turn.model))
    assert model["status"] == "candidate"
    assert model["reason"].startswith("refused: ")


def test_the_published_file_holds_both_halves(turn):
    with duckdb.connect(str(turn.cfg.published), read_only=True) as con:
        assert con.sql("SELECT count(*) FROM unique_answers").fetchall()[0][0] > 0
        assert con.sql("SELECT model_id FROM verdicts LIMIT 1").fetchall() == [(turn.model,)]


def test_every_stage_leaves_an_artifact(turn):
    of_the_day = {f"{stage.name.replace('_', '-')}-{turn.day}" for stage in STAGES}
    of_the_release = {
        f"{name}-{turn.model}" for name in ("upsample", "train", "evaluate", "promote")
    }
    assert of_the_day | of_the_release <= keys(turn)


def test_a_line_per_stage_is_in_the_log_of_the_run(turn):
    def says(name, begins):
        of_run = LogFilter(flow_run_id={"any_": [turn.runs[name].id]})
        lines = [log.message for log in turn.client.read_logs(of_run, limit=200)]
        return any(line.startswith(begins) for line in lines)

    turn.wait_until(lambda: says("day", f"{turn.day} answer: "))  # lines may come after the state
    turn.wait_until(lambda: says("release", f"promote {turn.model}: refused"))
