import json
from contextlib import contextmanager

import pytest

import tasks.pull
from schemas.run import Run
from tasks.adapters import store
from tasks.pull import pull_new

TABLES = ("chats", "votes", "quarantine", "records", "pulled_files", "stage_runs", "conservation")


class Logs:
    """A folder of log files, and the store they are pulled into."""

    def __init__(self, cfg):
        self.cfg = cfg
        self.folder = cfg.root / "logs"
        self._seen = {}  # what the store held after the last pull

    def write(self, name, *records):
        (self.folder / name).write_text("".join(map(line, records)), encoding="utf-8")

    def append(self, name, *records):
        with (self.folder / name).open("a", encoding="utf-8") as file:
            file.writelines(map(line, records))

    def set_source(self, **settings):
        source = self.cfg.sources[0].model_copy(update=settings)
        self.cfg = self.cfg.model_copy(update={"sources": (source,)})

    def pull(self, *days):
        self._seen.clear()
        return pull_new(Run(cfg=self.cfg), *days)

    def table(self, name):
        if not self._seen:
            with store.reading(self.cfg.warehouse) as con:
                for table in TABLES:
                    self._seen[table] = store.frame(con, f"FROM {table} ORDER BY ALL").to_dicts()
        return self._seen[name]

    def everything(self):
        """Return all that pulling writes."""
        return {name: self.table(name) for name in TABLES if name != "stage_runs"}

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
def new_logs(new_store):
    """Make a folder of logs with an empty store beside it."""
    return lambda root: Logs(new_store(root))


@pytest.fixture
def logs(new_logs, tmp_path):
    return new_logs(tmp_path)


@pytest.fixture
def killed_after(monkeypatch):
    """Kill what is pulled in a block once it has written so many slices."""

    @contextmanager
    def killed(slices):
        merge, left = tasks.pull.merge, iter(range(slices))

        def stopping(*args):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return merge(*args)

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(tasks.pull, "merge", stopping)
            yield

    return killed


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
