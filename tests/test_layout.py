"""The shape that DESIGN and docs/contributing.md promise."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from schemas import contracts, ddl
from schemas.stages import RELEASE, STAGES
from tasks.checks import CHECKS
from tasks.checks.check import Check
from tasks.rules import RULES

ROOT = Path(__file__).parent.parent
SOURCE = sorted(p for d in ("flows", "tasks", "schemas") for p in (ROOT / d).rglob("*.py"))


def test_the_flow_calls_the_stages_in_their_order():
    tree = ast.parse((ROOT / "flows" / "flywheel.py").read_text())
    body = next(node for node in tree.body if getattr(node, "name", "") == "one_day")
    calls = [n for n in ast.walk(body) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    called = [call.func.id for call in sorted(calls, key=lambda call: call.lineno)]
    assert called == [
        s.name.replace("filter", "filter_prompts") for s in STAGES if s.name != "pull"
    ]


def test_every_stage_has_its_file_query_tables_and_code():
    for stage in STAGES:
        assert (ROOT / stage.file).exists()
        assert set(stage.reads) | set(stage.writes) <= set(ddl.tables())
        assert all(list(ROOT.glob(glob)) for glob in stage.code), stage.name
        if stage.reads:
            assert ddl.query(stage.name)


def test_every_stage_of_a_release_has_its_file_tables_and_code():
    for stage in RELEASE:
        assert (ROOT / stage.file).exists()
        assert set(stage.reads) | set(stage.writes) <= set(ddl.tables())
        assert all(list(ROOT.glob(glob)) for glob in stage.code), stage.name


def test_the_release_calls_its_stages_in_their_order():
    tree = ast.parse((ROOT / "flows" / "release.py").read_text())
    names = {stage.name for stage in RELEASE}
    calls = [n for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]
    called = [c.func.id for c in sorted(calls, key=lambda c: c.lineno) if c.func.id in names]
    assert called == [stage.name for stage in RELEASE]


def test_every_table_has_a_contract():
    assert set(contracts.CONTRACTS) == set(ddl.tables())


@pytest.mark.parametrize("path", SOURCE, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_file_fits_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 300


def name_of(rule):
    return rule.name if isinstance(rule, Check) else rule.__name__


@pytest.mark.parametrize("rule", [*RULES, *CHECKS], ids=name_of)
def test_a_rule_says_what_it_drops(rule):
    function = (rule.read or rule.gate) if isinstance(rule, Check) else rule
    assert function.__doc__


def test_deployments_name_flows_that_load():
    deployments = yaml.safe_load((ROOT / "deploy" / "prefect.yaml").read_text())["deployments"]
    names = {load_flow_from_entrypoint(d["entrypoint"]).name for d in deployments}
    assert names == {"flywheel", "backfill", "release"}


def test_no_command_and_no_flow_imports_torch():
    code = (
        "import sys, flows.cli, flows.flywheel, flows.release, flows.train, flows.evaluate, "
        "flows.demo, flows.datasets; print({'torch', 'transformers', 'trl'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_imports_flow_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
