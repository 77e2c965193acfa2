import json
import shutil

import pytest

from schemas.run import Run
from schemas.settings import FlywheelSettings, SourceSettings
from tasks.adapters import store
from tasks.pull import pull_new


class Logs:
    """A folder of log files, and the store they are pulled into."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.folder = cfg.root / "logs"

    def write(self, name, *records):
        (self.folder / name).write_text("".join(map(line, records)), encoding="utf-8")

    def append(self, name, *records):
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.writelines(map(line, records))

    def set_source(self, **settings):
        source = self.cfg.sources[0].model_copy(update=settings)
        self.cfg = self.cfg.model_copy(update={"sources": (source,)})

    def pull(self):
        return pull_new(Run(cfg=self.cfg))

    def table(self, name):
        return store.select(self.cfg.warehouse, f"FROM {name} ORDER BY ALL").to_dicts()

    def column(self, table, column):
        return [row[column] for row in self.table(table)]

    def outcomes(self):
        """Return what became of the records, and check that none is unaccounted for."""
        outcomes = self.column("records", "outcome")
        counts = {name: outcomes.count(name) for name in ("chat", "vote", "quarantine")}
        assert counts["quarantine"] == len(self.table("quarantine"))
        assert self.table("conservation") == []
        return counts

    def texts(self):
        """Return what users said, a list per chat."""
        return sorted(
            [m["content"] for m in chat["messages"] if m["role"] == "user"]
            for chat in self.table("chats")
        )


def line(record):
    return record if isinstance(record, str) else json.dumps(record, ensure_ascii=False) + "\n"


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """An empty warehouse; copying one takes a hundredth of the time of making one."""
    warehouse = tmp_path_factory.mktemp("prepared") / "warehouse.duckdb"
    store.prepare(warehouse)
    return warehouse


@pytest.fixture
def new_logs(prepared):
    """Make a folder of logs with an empty store beside it."""

    def make(root):
        for folder in ("logs", "var"):
            (root / folder).mkdir(parents=True)
        source = SourceSettings(name="logs", path=str(root / "logs"))
        cfg = FlywheelSettings(var=root / "var", sources=(source,))
        shutil.copy(prepared, cfg.warehouse)
        return Logs(cfg)

    return make


@pytest.fixture
def logs(new_logs, tmp_path):
    return new_logs(tmp_path)


@pytest.fixture
def chat():
    """Make the log record of a chat: user and assistant in turn."""

    def make(*said, id=None, at=None, **more):
        roles = ("user", "assistant")
        messages = [{"role": roles[n % 2], "content": text} for n, text in enumerate(said)]
        named = {"id": id, "timestamp": at, "messages": messages}
        return {key: value for key, value in named.items() if value is not None} | more

    return make


@pytest.fixture
def call(chat):
    """Make the log record of one call in a conversation, as a proxy writes it."""

    def make(*said, id, conversation, at, **more):
        asked = chat(*said)["messages"]
        reply = {"role": "assistant", "content": f"answer {id}"}
        return {
            "timestamp": at,
            "conversation_id": conversation,
            "request": {"model": "m", "messages": asked},
            "response": {"id": id, "choices": [{"index": 0, "message": reply}]},
        } | more

    return make
