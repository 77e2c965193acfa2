"""Files far away are pulled once: another version is read anew, a killed one from where it was."""

import json

import fsspec
import pytest

import tasks.intake.read
import tasks.pull

MONDAY = "2026-03-02T10:00:00Z"


@pytest.fixture
def far(logs, chat):
    """Put a log file of so many chats into memory, and make it the source."""
    fs = fsspec.filesystem("memory")
    fs.store.clear()
    logs.set_source(path="memory://logs")

    def write(count, name="a.jsonl"):
        items = [json.dumps(chat(f"Hello {n}", at=MONDAY)) + "\n" for n in range(count)]
        fs.pipe(f"/logs/{name}", "".join(items).encode())

    return write


def test_remote_files_add_only_what_is_new(logs, far):
    far(3)
    logs.pull()
    assert logs.pull() == []
    far(5)
    far(2, "b.jsonl")
    logs.pull()
    assert logs.outcomes() == {"chat": 7, "vote": 0, "quarantine": 0}
    assert set(logs.column("records", "path")) == {
        "memory:///logs/a.jsonl",
        "memory:///logs/b.jsonl",
    }


@pytest.mark.slow
@pytest.mark.parametrize("changed", [False, True])
def test_killed_pull_goes_on_in_the_same_version_of_a_remote_file(
    logs, far, monkeypatch, killed_after, changed
):
    monkeypatch.setattr(tasks.intake.read, "SLICE", 2)
    far(5)
    read, merge = [2], tasks.pull.merge

    def noted(con, part, today):
        read.append(len(part.records))
        return merge(con, part, today)

    with killed_after(1):
        logs.pull()
    if changed:
        far(6)
    monkeypatch.setattr(tasks.pull, "merge", noted)
    logs.pull()
    assert read == ([2, 2, 2, 2] if changed else [2, 2, 1])
    assert logs.outcomes() == {"chat": 5 + changed, "vote": 0, "quarantine": 0}
