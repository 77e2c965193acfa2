"""Shared by all tests: where real data may be, a store, a scripted teacher, a Prefect backend."""

import gc
import os
from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime
from hashlib import blake2b
from pathlib import Path

# before polars and torch are imported: every worker has its core, and more threads wait for it
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OMP_NUM_THREADS", "1")
# before Prefect is imported: with them its SQLite server answers 503 while it records
os.environ["PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED"] = "false"
os.environ["PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED"] = "false"
os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
os.environ["PREFECT_LOGGING_LEVEL"] = "WARNING"
os.environ["DO_NOT_TRACK"] = "1"

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

from schemas import contracts
from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import FlywheelSettings, SourceSettings
from tasks import ledger
from tasks.adapters import store
from tasks.demo import teacher
from tasks.fingerprint import rows_hash
from tasks.ledger import StageRun

store._CONFIG["threads"] = 1  # what an access of a few rows pays for more is a third of its CPU

hypothesis.settings.register_profile("no clock", deadline=None)
hypothesis.settings.load_profile("no clock")

MESSAGE = ("role", "content", "parts", "name", "tool_call_id", "tool_calls")


# files that share a server, a trained model, or what numba has compiled
TOGETHER = ("tests/flows", "tests/tasks/sft", "tests/tasks/similarity")


class ByWhatIsShared(LoadScopeScheduling):
    """Keep a file on one worker, and the files of a folder that share something costly too."""

    def _split_scope(self, nodeid):
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if folder in file), file)


def pytest_xdist_make_scheduler(config, log):
    """Take the place of --dist; loadgroup has no effect in xdist 3.8 with pytest 9.2.

    Files go in their order, not by number of tests: the few, long ones of flows come first.
    """
    config.option.loadscopereorder = False
    return ByWhatIsShared(config, log)


def pytest_addoption(parser):
    parser.addoption("--sample", type=int, help="So many cases of each test that is all slow")
    parser.addoption("--one-in", type=int, default=1, help="Of so many such tests only one")


@pytest.hookimpl(tryfirst=True)  # before -m looks at marks
def pytest_collection_modifyitems(config, items):
    """Draw the cases of `sampled(n)`: n of them run always, the others are slow.

    With `--sample` a test keeps so many cases, drawn likewise, and none where `make test` runs
    some of it: another case, or the smaller form of one that is marked `slow(full=True)`. With
    `--one-in` only one of so many such tests is drawn.
    """
    tests = defaultdict(list)
    for item in sorted(items, key=_drawn):
        tests[item.nodeid.partition("[")[0]].append(item)
    for cases in tests.values():
        for mark in cases[0].iter_markers("sampled"):
            for case in cases[mark.args[0] :]:
                case.add_marker(pytest.mark.slow)
    if most := config.getoption("--sample"):
        slow = [cases for cases in tests.values() if all(map(_needed, cases))]
        kept = {case for cases in slow[:: config.getoption("--one-in")] for case in cases[:most]}
        items[:] = [item for item in items if item in kept]


def _needed(case):
    mark = case.get_closest_marker("slow")
    return mark and not mark.kwargs.get("full")


def _drawn(item):
    seed = os.environ.get("SAMPLE_SEED", "7")
    return blake2b(f"{seed} {item.nodeid}".encode()).digest()


def pytest_collection_finish():
    """Let the collector of garbage pass by what the imports have made: it stays."""
    gc.freeze()


@pytest.fixture(scope="session")
def prefect_backend():
    """One embedded Prefect server for all flow tests; starting one takes seconds."""
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings
    from prefect.testing.utilities import prefect_test_harness  # imports all of the server

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


@pytest.fixture(scope="session")
def kept():
    """Make a kept answer and its prompt: kept("c1", "What is 2+2?", "4", user="u1").

    `before` holds what the user and the assistant said before, in turn.
    """

    def make(chat, prompt, answer="Yes.", *, before=(), turn=0, day=date(2026, 3, 2), **about):
        said = (*before, prompt)
        area, kind = about.get("kind", "qa/how_to").split("/")
        messages = [
            {**dict.fromkeys(MESSAGE), "role": ("user", "assistant")[n % 2], "content": text}
            for n, text in enumerate(said)
        ]
        return {
            "day": day,
            "chat_id": chat,
            "prompt_id": f"{chat}-{turn}",
            "answer_id": f"{chat}-{turn}-{about.get('sample', 0)}",
            "turn": turn,
            "user_key": about.get("user"),
            "area": area,
            "kind": kind,
            "messages": messages,
            "prompt": prompt,
            "answer": answer,
        }

    return make


@pytest.fixture(scope="session")
def keep():
    """Write rows of `kept` as the stages of their days leave them: keep(cfg, row, row).

    The rows of a day take the place of those that it had; `pending` units wait in `answer`.
    """

    def write(cfg, *rows, pending=0):
        with store.writing(cfg.warehouse) as con:
            for day in sorted({row["day"] for row in rows}):
                _keep_day(con, day, [row for row in rows if row["day"] == day], pending)

    return write


@pytest.fixture(scope="session")
def offer():
    """Write the chats of kept answers: offer(cfg, a1='[...]') gives chat a1 these tools.

    `columns` holds what else they say: offer(cfg, a1=None, columns={"source": "ours"}).
    """

    def write(cfg, *, day=date(2026, 3, 2), columns=None, **tools):
        at = datetime(day.year, day.month, day.day)
        common = {"day": day, "source": "logs", "started_at": at, "updated_at": at}
        common |= {"language": "en", "traits": [], "pii": []} | (columns or {})
        said = [{"role": "user", "content": "Hi", **dict.fromkeys(MESSAGE[2:])}]
        rows = [
            {"messages": said}
            | common
            | {"chat_id": chat, "record_id": f"r-{chat}", "tools": offered}
            for chat, offered in tools.items()
        ]
        with store.writing(cfg.warehouse) as con:
            chats = contracts.frame("chats", [_of("chats", row) for row in rows])
            store.upsert(con, "chats", chats, "chat_id")
            ledger.write(con, StageRun("filter", day, "r", "complete"))

    return write


def _keep_day(con, day, rows, pending):
    asked = {"started_at": datetime(2026, 3, 2), "language": "en", "traits": [], "origin": "log"}
    asked |= {"rule_hits": [], "drop_reason": None, "input_hash": 1}
    said = {"version": 0, "drop_reason": None, "input_hash": 1}
    prompts = {row["prompt_id"]: _of("prompts", row | asked) for row in rows}
    answers = contracts.frame("unique_answers", [_of("unique_answers", row | said) for row in rows])
    store.replace(con, "prompts", day, contracts.frame("prompts", list(prompts.values())))
    store.replace(con, "unique_answers", day, answers)
    waits = {"pending": pending, "message": f"{pending} calls wait"} if pending else {}
    ledger.write(con, StageRun("answer", day, "r", "partial" if pending else "complete", **waits))
    done = StageRun("dedupe_answers", day, "r", "complete", kept=len(rows))
    ledger.write(con, replace(done, inputs="check=none", outputs=rows_hash(answers)))


def _of(table, row):
    return {name: row.get(name) for name in contracts.schema(table)}
