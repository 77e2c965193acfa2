"""Shared by all tests: where real data may be, a store, a scripted teacher, a Prefect backend."""

import os
from pathlib import Path

# before Prefect is imported: with them its SQLite server answers 503 while it records
os.environ["PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED"] = "false"
os.environ["PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED"] = "false"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["PREFECT_LOGGING_LEVEL"] = "WARNING"
os.environ["DO_NOT_TRACK"] = "1"

import pytest
from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
from prefect.testing.utilities import prefect_test_harness

from schemas.run import Run
from schemas.settings import FlywheelSettings, ModelSettings, SourceSettings
from tasks.adapters import store
from tasks.demo import teacher


@pytest.fixture(scope="session")
def prefect_backend():
    """One embedded Prefect server for all flow tests; starting one takes seconds."""
    with (
        prefect_test_harness(server_startup_timeout=120),
        temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}),
    ):
        yield


@pytest.fixture(scope="session")
def teacher_url():
    """The scripted teacher, in a process of its own on loopback."""
    with teacher.serve() as base_url:
        yield base_url


@pytest.fixture
def cfg(tmp_path: Path) -> FlywheelSettings:
    """Settings of an empty store in a temporary folder, with logs/ beside it and no model."""
    (tmp_path / "logs").mkdir()
    source = SourceSettings(name="logs", path=str(tmp_path / "logs"))
    settings = FlywheelSettings(var=tmp_path / "var", sources=(source,))
    store.prepare(settings.warehouse)
    return settings


@pytest.fixture
def taught(cfg: FlywheelSettings, teacher_url: str) -> FlywheelSettings:
    """The same with the scripted teacher as the strong model."""
    llm = ModelSettings(
        base_url=teacher_url,
        model=teacher.MODEL,
        input_usd_per_mtok=0.5,
        output_usd_per_mtok=1.5,
    )
    return cfg.model_copy(update={"llm": llm})


@pytest.fixture
def run(taught: FlywheelSettings) -> Run:
    """A run of those settings."""
    return Run(cfg=taught)


@pytest.fixture
def shared_data() -> Path:
    """Real public data beside the checkout; a test that needs it is not run without it."""
    folder = Path(__file__).parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("not run: no shared/data beside the checkout")
    return folder
