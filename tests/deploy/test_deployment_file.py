"""deploy/prefect.yaml and its README against the flows, without a server."""

import re
from pathlib import Path

import pytest
import yaml
from prefect.client.schemas.schedules import CronSchedule
from prefect.flows import load_flow_from_entrypoint

ROOT = Path(__file__).parents[2]
FILE = yaml.safe_load((ROOT / "deploy" / "prefect.yaml").read_text())
README = (ROOT / "deploy" / "README.md").read_text()
DEPLOYMENTS = {
    f"{load_flow_from_entrypoint(d['entrypoint']).name}/{d['name']}": d for d in FILE["deployments"]
}


def takes(deployment):
    return load_flow_from_entrypoint(deployment["entrypoint"]).parameters


@pytest.fixture(params=DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def deployment(request):
    return request.param


def test_given_parameters_are_the_flows_own(deployment):
    schedules = deployment.get("schedules", [])
    given = [deployment.get("parameters", {}), *(s.get("parameters", {}) for s in schedules)]
    assert set().union(*given) <= set(takes(deployment).properties)


def test_a_schedule_leaves_no_parameter_open(deployment):
    for schedule in deployment.get("schedules", []):
        given = {**deployment.get("parameters", {}), **schedule.get("parameters", {})}
        assert set(takes(deployment).required or ()) <= set(given)
        assert CronSchedule(cron=schedule["cron"], timezone=schedule["timezone"])


def test_a_second_run_of_a_deployment_waits_for_the_first(deployment):
    assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "ENQUEUE"}


def test_stage_lines_reach_the_log_of_a_run(deployment):
    environ = deployment["work_pool"]["job_variables"]["env"]
    assert environ["PREFECT_LOGGING_EXTRA_LOGGERS"] == "flywheel"


def test_runs_start_in_the_home_that_was_deployed():
    step = {
        "prefect.deployments.steps.set_working_directory": {"directory": "{{ $FLYWHEEL_HOME }}"}
    }
    assert FILE["pull"] == [step]


def test_the_readme_runs_deployments_with_parameters_they_take():
    runs = re.findall(r"prefect deployment run (\S+)([^\n`]*)", README)
    assert {name for name, _ in runs} == set(DEPLOYMENTS)
    for name, words in runs:
        assert set(re.findall(r"-p (\w+)=", words)) <= set(takes(DEPLOYMENTS[name]).properties)


def test_the_readme_makes_the_work_pool_that_deployments_name():
    pools = {d["work_pool"]["name"] for d in DEPLOYMENTS.values()}
    assert set(re.findall(r"work-pool create (\S+) --type process", README)) == pools
    assert set(re.findall(r"worker start --pool (\S+)", README)) == pools
