"""What the pages say is what the code does."""

import importlib.util
import re
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from flows.cli import app
from flows.starter import starter_toml
from schemas.settings import FlywheelSettings
from schemas.settings_file import keys, load
from schemas.stages import RELEASE, STAGES

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), ROOT / "deploy" / "README.md"]


def test_the_readme_table_of_stages_is_the_code():
    text = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| (\w+) \| (tasks/\w+\.py) \| ([\w, ]+) \| ([\w, ]+) \|$", text, re.M)
    declared = [
        (stage.name, stage.file, ", ".join(stage.reads) or "logs", ", ".join(stage.writes))
        for stage in (*STAGES, *RELEASE)
    ]
    assert rows == declared


def test_the_tables_page_is_made_from_the_sql_files():
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert generate.PAGE.read_text() == generate.page()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_in_the_pages_exist(page):
    commands = get_command(app).commands
    for name, rest in re.findall(r"flywheel ([a-z][a-z-]*)([^`\n#]*)", page.read_text()):
        if name in commands:
            command = commands[name]
            below = getattr(command, "commands", {})
            command = below[rest.split()[0]] if below and rest.split() else command
            known = {option for param in command.params for option in param.opts}
            assert set(re.findall(r"(?<!\w)--[a-z-]+", rest)) <= known, f"{name}{rest}"
    quoted = re.findall(r"`flywheel ([a-z-]+)", page.read_text())
    assert set(quoted) <= set(commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_in_the_pages_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_starter_file_names_every_setting_with_its_default(tmp_path):
    text = starter_toml()
    for key in keys():
        assert (
            re.search(rf"^(# )?{re.escape(key.rsplit('.', 1)[-1])} =", text, re.M)
            or key == "sources"
        )
    (tmp_path / "flywheel.toml").write_text(text)
    assert tomllib.loads(text)
    defaults = FlywheelSettings()
    loaded = load(tmp_path / "flywheel.toml", environ={})
    assert (
        loaded.model_copy(
            update={"var": defaults.var, "sources": defaults.sources, "task_types": None}
        )
        == defaults
    )


def test_the_starter_file_stays_valid_when_its_lines_are_uncommented(tmp_path):
    lines = [re.sub(r"^# (?=\w+ = [^ ])", "", line) for line in starter_toml().splitlines()]
    (tmp_path / "flywheel.toml").write_text("\n".join(lines))
    load(tmp_path / "flywheel.toml", environ={})


def test_the_production_settings_load():
    cfg = load(ROOT / "deploy" / "settings.toml", environ={})
    assert cfg.profile == "production"
