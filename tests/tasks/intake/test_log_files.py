"""Files grow, break off, are rewritten and renamed; every record counts once."""

import gzip
import json
from datetime import date

import pytest

import tasks.intake.read
import tasks.pull

MONDAY = "2026-03-02T10:00:00Z"
TUESDAY = "2026-03-03T10:00:00Z"


def test_pulling_again_changes_nothing(logs, chat):
    logs.write("a.jsonl", chat("Hello", at=MONDAY), "broken\n", {"target_id": "x", "vote": "up"})
    assert logs.pull() == [date(2026, 3, 2)]
    before, runs = logs.everything(), logs.table("stage_runs")
    assert logs.pull() == []
    assert logs.everything() == before
    assert logs.table("stage_runs") == runs


def test_file_that_was_only_touched_leaves_the_same_rows(logs, chat):
    logs.write("a.jsonl", chat("Hello", at=MONDAY), "broken\n")
    logs.pull()
    before = logs.everything() | {"pulled_files": None}
    outputs = logs.column("stage_runs", "outputs")
    logs.write("a.jsonl", chat("Hello", at=MONDAY), "broken\n")
    logs.pull()
    assert logs.everything() | {"pulled_files": None} == before
    assert logs.column("stage_runs", "outputs") == outputs


def test_only_new_bytes_of_a_grown_file_are_read(logs, chat):
    logs.write("a.jsonl", *(chat(f"Hello {n}", at=MONDAY) for n in range(300)))
    logs.pull()
    path = logs.folder / "a.jsonl"  # what was read is spoilt, out of sight of the mark at both ends
    path.write_bytes(path.read_bytes().replace(b"Hello 150", b"Jello 150"))
    logs.append("a.jsonl", chat("New", at=TUESDAY))
    assert logs.pull() == [date(2026, 3, 3)]
    assert ["Jello 150"] not in logs.texts()
    assert logs.outcomes() == {"chat": 301, "vote": 0, "quarantine": 0}
    assert max(logs.column("records", "line")) == 301


@pytest.mark.parametrize("ahead", ["", "\n  \n"], ids=["next line", "after blank lines"])
def test_torn_last_line_is_quarantined_once_and_becomes_a_chat(logs, chat, ahead):
    whole = json.dumps(chat("How are you?", at=MONDAY))
    logs.write("a.jsonl", chat("Hello", at=MONDAY), ahead, whole[:30])
    logs.pull()
    logs.append("a.jsonl", whole[30:40])
    logs.pull()
    assert logs.outcomes() == {"chat": 1, "vote": 0, "quarantine": 1}
    logs.append("a.jsonl", whole[40:] + "\n")
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}


def test_day_that_lost_a_torn_line_is_counted_anew(logs, chat):
    whole = json.dumps(chat("How are you?", at=TUESDAY))
    logs.write("a.jsonl", chat("Hello", at=MONDAY), whole[:30])
    logs.pull()
    logs.append("a.jsonl", whole[30:] + "\n")
    assert logs.pull() == [date(2026, 3, 2), date(2026, 3, 3)]
    assert logs.column("stage_runs", "quarantined") == [0, 0]


def test_last_line_without_newline_that_is_whole_counts_once(logs, chat):
    logs.write("a.jsonl", json.dumps(chat("Hello", at=MONDAY)))
    logs.pull()
    logs.append("a.jsonl", "\n", chat("How are you?", at=MONDAY))
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}


def test_rewritten_file_adds_only_what_is_new_in_it(logs, chat):
    old = [chat(f"Hello {n}", at=MONDAY) for n in range(3)]
    logs.write("a.jsonl", *old)
    logs.pull()
    logs.write("a.jsonl", chat("First now", at=MONDAY), *old)
    logs.pull()
    assert logs.outcomes() == {"chat": 4, "vote": 0, "quarantine": 0}
    assert sorted(logs.column("records", "line")) == [1, 2, 3, 4]


def test_record_that_left_its_file_stays(logs, chat):
    logs.write("a.jsonl", chat("Gone", at=MONDAY), chat("Stays", at=MONDAY))
    logs.pull()
    logs.write("a.jsonl", chat("Stays", at=MONDAY))
    logs.pull()
    assert logs.texts() == [["Gone"], ["Stays"]]
    assert logs.outcomes()["chat"] == 2


def test_rotated_file_adds_no_records_whatever_takes_its_name(logs, chat):
    moves = {"a.jsonl": "a-1.jsonl", "b.jsonl": "b_1.jsonl", "c.jsonl": "c-1.jsonl.gz"}
    for name in moves:
        logs.write(name, chat(name, at=MONDAY), chat(name, at=MONDAY), "broken\n")
    logs.pull()
    for old, new in moves.items():
        content = (logs.folder / old).read_bytes()
        (logs.folder / new).write_bytes(gzip.compress(content) if "gz" in new else content)
        logs.write(old, chat(f"next {old}", at=TUESDAY))
    (logs.folder / "c.jsonl").unlink()
    logs.pull()
    assert logs.outcomes() == {"chat": 8, "vote": 0, "quarantine": 3}
    moved = {row["path"] for row in logs.table("records") if row["day"] == date(2026, 3, 2)}
    assert moved == {f"logs/{new}" for new in moves.values()}


def test_file_that_is_read_whole_adds_only_what_is_new_when_it_grows(logs, chat):
    items = [chat(f"Hello {n}", at=MONDAY) for n in range(3)]
    packed = [gzip.compress((json.dumps(item) + "\n").encode()) for item in items]
    for count in (2, 3):
        (logs.folder / "a.json").write_text(json.dumps(items[:count]))
        (logs.folder / "b.jsonl.gz").write_bytes(b"".join(packed[:count]))
        logs.pull()
    assert logs.outcomes() == {"chat": 6, "vote": 0, "quarantine": 0}


def test_same_line_twice_is_two_records_of_one_chat(logs, chat):
    same = chat("Hello", at=MONDAY)
    logs.write("a.jsonl", same, same)
    logs.write("b.jsonl", same)
    logs.pull()
    logs.append("a.jsonl", same)
    logs.pull()
    assert logs.outcomes() == {"chat": 4, "vote": 0, "quarantine": 0}
    assert len(logs.table("chats")) == 1
    (run,) = logs.table("stage_runs")
    assert (run["rows_in"], run["kept"], run["dropped"], run["quarantined"]) == (4, 1, 3, 0)


@pytest.mark.slow
def test_kill_amid_long_files_loses_and_doubles_nothing(logs, chat, monkeypatch, killed_after):
    items = [chat(f"Hello {n}", at=MONDAY) for n in range(5)]
    lines = "".join(json.dumps(item) + "\n" for item in items)
    (logs.folder / "a.jsonl").write_text(lines)
    (logs.folder / "b.json").write_text(json.dumps(items))
    (logs.folder / "c.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    monkeypatch.setattr(tasks.intake.read, "SLICE", 2)
    for slices in (1, 3, 2):
        with killed_after(slices):
            logs.pull()
    logs.pull()
    assert logs.outcomes() == {"chat": 15, "vote": 0, "quarantine": 0}
    assert len(logs.table("chats")) == 5


def test_torn_line_after_a_full_slice_is_read_again(logs, chat, monkeypatch):
    monkeypatch.setattr(tasks.intake.read, "SLICE", 2)
    whole = json.dumps(chat("How are you?", at=MONDAY))
    logs.write("a.jsonl", chat("Hello", at=MONDAY), whole[:30])
    logs.pull()
    logs.append("a.jsonl", whole[30:] + "\n")
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}


def test_line_that_can_be_read_by_now_leaves_quarantine(logs, chat):
    record = chat("Hello " + "x" * 2_000, at=MONDAY)
    logs.set_source(format="alpaca")
    logs.write("a.jsonl", record)
    logs.pull()
    assert logs.outcomes() == {"chat": 0, "vote": 0, "quarantine": 1}
    logs.set_source(format="auto")
    (logs.folder / "a.jsonl").rename(logs.folder / "b.jsonl")
    days = logs.pull()
    assert logs.outcomes() == {"chat": 1, "vote": 0, "quarantine": 0}
    assert date(2026, 3, 2) in days
    assert sum(logs.column("stage_runs", "quarantined")) == 0


def test_files_of_two_users_never_pass_for_one(logs, chat):
    same = chat("Hello", at=MONDAY)
    names = ("ann.lee@example.com.jsonl", "bob.lee@example.com.jsonl")
    for name in names:
        logs.write(name, same)
    logs.pull()
    assert logs.outcomes() == {"chat": 2, "vote": 0, "quarantine": 0}
    before = logs.everything()
    assert logs.pull() == []
    assert logs.everything() == before
    assert not any("lee" in row["path"] for row in logs.table("records"))


def test_ids_depend_on_no_path_line_redaction_or_user_key(new_logs, chat, monkeypatch, tmp_path):
    record = chat("My mail is ann.lee@example.com", at=MONDAY, user="ann")
    one, other = new_logs(tmp_path / "one"), new_logs(tmp_path / "other")
    one.write("a.jsonl", record)
    one.pull()
    monkeypatch.setenv("FLYWHEEL_USER_KEY", "secret")
    monkeypatch.setattr("tasks.intake.read.redact_conversation", lambda found, _rules: (found, {}))
    other.write("b.jsonl", "broken\n", "\n", record)
    other.pull()
    (a,), (b,) = one.table("chats"), other.table("chats")
    assert a["messages"] != b["messages"]
    assert (a["chat_id"], a["record_id"]) == (b["chat_id"], b["record_id"])
    assert (a["user_key"], len(b["user_key"])) == (None, 32)


def test_long_records_are_written_before_many_of_them_are_held(logs, chat, monkeypatch):
    monkeypatch.setattr("tasks.intake.read.SLICE_BYTES", 3_000)
    logs.write("a.jsonl", *(chat("word " * 200, id=f"c{n}") for n in range(12)))
    held = []
    monkeypatch.setattr(
        "tasks.pull.remember", lambda con, part: held.append(len(part.records)), raising=True
    )
    logs.pull()
    assert sum(held) == 12
    assert max(held) <= 4
