"""Files are replaced, moved, cut off and killed over at any moment; no record is lost for it."""

import gzip
import json
import os

import pytest

import tasks.intake.manifest
import tasks.intake.read
import tasks.pull

MONDAY = "2026-03-02T10:00:00Z"
TUESDAY = "2026-03-03T10:00:00Z"


def line(record):
    return json.dumps(record, ensure_ascii=False) + "\n"


def test_file_that_was_replaced_at_the_same_size_and_time_is_read(logs, chat):
    logs.write("a.jsonl", chat("Hello", at=MONDAY))
    path = logs.folder / "a.jsonl"
    stat = path.stat()
    logs.pull()
    logs.write("a.jsonl", chat("Jello", at=MONDAY))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    logs.pull()
    assert logs.texts() == [["Hello"], ["Jello"]]


def test_log_that_was_truncated_and_has_outgrown_its_old_size_is_read_from_the_start(logs, chat):
    logs.write("a.jsonl", chat("Old", at=MONDAY))
    logs.pull()
    logs.write("a.jsonl", *(chat(f"New {n}", at=TUESDAY) for n in range(9)))
    logs.pull()
    assert logs.outcomes() == {"chat": 10, "vote": 0, "quarantine": 0}


def test_file_that_is_gone_when_its_turn_comes_is_passed_over(logs, chat, monkeypatch, caplog):
    for name in "abc":
        logs.write(f"{name}.jsonl", chat(name, at=MONDAY))
    listed, released = tasks.intake.manifest.shown, tasks.pull.release
    while_listed = removing(logs.folder / "c.jsonl", listed)
    monkeypatch.setattr(tasks.intake.manifest, "shown", while_listed)
    monkeypatch.setattr(tasks.pull, "release", removing(logs.folder / "a.jsonl", released))
    logs.pull()
    assert logs.texts() == [["b"]]
    assert caplog.text.count("is gone") == 2


def removing(path, act):
    def acting(*args):
        path.unlink(missing_ok=True)
        return act(*args)

    return acting


def test_file_that_takes_the_place_of_one_that_is_being_read_loses_nothing(logs, chat, monkeypatch):
    monkeypatch.setattr(tasks.intake.read, "SLICE", 2)
    old = [chat(f"Old {n}", at=MONDAY) for n in range(5)]
    logs.write("a.jsonl", *old)
    merge = tasks.pull.merge

    def rotating(con, part, today):
        if (logs.folder / "a.jsonl").stat().st_size and not (logs.folder / "b.jsonl").exists():
            (logs.folder / "a.jsonl").rename(logs.folder / "b.jsonl")
            logs.write("a.jsonl", *(chat(f"New {n}", at=TUESDAY) for n in range(9)))
        return merge(con, part, today)

    with monkeypatch.context() as patched:
        patched.setattr(tasks.pull, "merge", rotating)
        logs.pull()
    logs.append("a.jsonl", chat("New 9", at=TUESDAY))
    logs.pull()
    said = [*(f"New {n}" for n in range(10)), *(f"Old {n}" for n in range(5))]
    assert logs.texts() == [[text] for text in said]
    assert logs.outcomes() == {"chat": 15, "vote": 0, "quarantine": 0}


@pytest.mark.slow
def test_killed_pull_goes_on_in_the_middle_of_a_file(logs, chat, monkeypatch, killed_after):
    monkeypatch.setattr(tasks.intake.read, "SLICE", 2)
    for encoding in ("utf-8", "utf-16", "gb18030"):
        said = "".join(line(chat(f"你好，请问 {encoding} {n}", at=MONDAY)) for n in range(7))
        (logs.folder / f"{encoding}.jsonl").write_bytes(said.encode(encoding))
        with killed_after(2):
            logs.pull()
        read = []
        with monkeypatch.context() as patched:
            patched.setattr(tasks.pull, "merge", noting(read, tasks.pull.merge))
            logs.pull()
        assert read == [5, 6, 7]
    assert logs.outcomes() == {"chat": 21, "vote": 0, "quarantine": 0}


def noting(read, merge):
    def noted(con, part, today):
        read.extend(row["line"] for row in part.records)
        return merge(con, part, today)

    return noted


@pytest.mark.parametrize("name", ["a.json", "a.csv", "a.jsonl.gz"])
def test_end_of_a_file_that_was_cut_off_leaves_quarantine_when_it_is_whole(logs, chat, name):
    items = [chat(f"Hello {n}", at=MONDAY, id=str(n)) for n in range(3)]
    rows = [f'{n},{MONDAY},"[{{""role"":""user"",""content"":""Hi {n}""}}]"\n' for n in range(3)]
    whole = {
        "a.json": json.dumps(items).encode(),
        "a.csv": "".join(["id,timestamp,messages\n", *rows]).encode(),
        "a.jsonl.gz": gzip.compress("".join(map(line, items)).encode()),
    }[name]
    (logs.folder / name).write_bytes(whole[:-20])
    logs.pull()
    assert logs.outcomes()["quarantine"] == 1
    assert logs.column("quarantine", "reason") == ["truncated"]
    (logs.folder / name).write_bytes(whole)
    logs.pull()
    assert logs.outcomes() == {"chat": 3, "vote": 0, "quarantine": 0}


def test_table_that_grows_adds_only_what_is_new(logs):
    row = '{},2026-03-02T10:00:00Z,"[{{""role"":""user"",""content"":""Hi {}""}}]"\n'
    path = logs.folder / "a.csv"
    for count in (2, 3):
        path.write_text("id,timestamp,messages\n" + "".join(row.format(n, n) for n in range(count)))
        logs.pull()
    assert logs.texts() == [["Hi 0"], ["Hi 1"], ["Hi 2"]]
    assert logs.column("records", "line") == [2, 3, 4]


def test_file_name_that_is_no_text_is_shown_with_a_hash(logs, chat):
    for name in (b"\xff.jsonl", b"\xfe.jsonl"):
        path = os.path.join(os.fsencode(logs.folder), name)
        with open(path, "w") as file:
            file.write(line(chat(repr(name), at=MONDAY)))
    logs.pull()
    assert logs.outcomes()["chat"] == 2
    assert logs.pull() == []
