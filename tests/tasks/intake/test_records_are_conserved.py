"""Every line of every file is a chat, merged into one, a vote or quarantined: none is lost."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

MONDAY, TUESDAY = "2026-03-02T23:59:00Z", "2026-03-03T00:01:00Z"

TEXTS = st.sampled_from(["Hello", "Hello ", "你好", "안녕", "", "\ud800", "\x00", "a@example.com"])
IDS = st.sampled_from([None, "c1", "c2", 3])
TIMES = st.sampled_from([None, MONDAY, TUESDAY, "yesterday", 0])
MESSAGES = st.lists(
    st.builds(
        lambda role, content: {"role": role, "content": content},
        st.sampled_from(["user", "user", "assistant", "tool", "narrator"]),
        st.one_of(TEXTS, st.none(), st.lists(st.builds(lambda t: {"text": t}, TEXTS), max_size=2)),
    ),
    max_size=4,
)
CHATS = st.builds(
    lambda id_, at, said: {"id": id_, "timestamp": at, "messages": said}, IDS, TIMES, MESSAGES
)
CALLS = st.builds(
    lambda id_, at, said: {
        "conversation_id": id_,
        "timestamp": at,
        "request": {"messages": said},
        "response": {"choices": [{"message": {"content": "Hi"}}]},
    },
    IDS,
    TIMES,
    MESSAGES,
)
VOTES = st.builds(
    lambda id_, value, turn: {"target_id": id_, "vote": value, "turn": turn},
    IDS,
    st.sampled_from(["up", "down", 3, None, {"value": "up"}]),
    st.sampled_from([None, 0, -1, "x"]),
)
BROKEN = st.sampled_from(["{", "[]", "null", "\ufeff{}", '{"a": 1}', "x" * 2_000, "\x85", "}{"])
LINES = st.one_of(st.one_of(CHATS, CALLS, VOTES).map(json.dumps), BROKEN)
FILES = st.lists(st.lists(LINES, max_size=20), min_size=1, max_size=3)
QUICK = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
LONG = settings(QUICK, max_examples=100)
PARTS = (st.lists(LINES, min_size=1, max_size=20), st.lists(st.floats(0, 1), max_size=2))


@pytest.fixture
def fresh_logs(new_logs, tmp_path_factory):
    def make():
        logs = new_logs(tmp_path_factory.mktemp("logs") / "run")
        pull = logs.cfg.pull.model_copy(update={"max_record_bytes": 1_000})
        logs.cfg = logs.cfg.model_copy(update={"pull": pull})
        return logs

    return make


@given(FILES)
@QUICK
def test_records_are_chats_merged_votes_and_quarantined(fresh_logs, files):
    conserves_records(fresh_logs(), files)


@pytest.mark.slow(full=True)
@given(FILES)
@LONG
def test_records_of_many_files_are_chats_merged_votes_and_quarantined(fresh_logs, files):
    conserves_records(fresh_logs(), files)


@given(*PARTS)
@QUICK
def test_file_that_is_read_while_it_grows_ends_in_the_same_rows(fresh_logs, lines, cuts):
    reads_by_parts_as_at_once(fresh_logs(), fresh_logs(), lines, cuts)


@pytest.mark.slow(full=True)
@given(*PARTS)
@LONG
def test_many_files_that_are_read_while_they_grow_end_in_the_same_rows(fresh_logs, lines, cuts):
    reads_by_parts_as_at_once(fresh_logs(), fresh_logs(), lines, cuts)


NAMES = st.sampled_from(
    ["a.jsonl", "b.json", "c.csv", "d.tsv", "e.jsonl.gz", "f.json.zst", "g.parquet"]
)
CHUNKS = st.sampled_from(
    [b'{"prompt": "Hi"}', b"[", b"]", b",", b"\n", b'"', b"\xff\xfe", b"prompt,id"]
)
BYTES = st.lists(st.one_of(st.binary(max_size=40), CHUNKS), max_size=12).map(b"".join)


@given(st.dictionaries(NAMES, BYTES, min_size=1, max_size=3))
@QUICK
def test_random_bytes_in_files_of_any_kind_are_accounted_for(fresh_logs, files):
    accounts_for_bytes(fresh_logs(), files)


@pytest.mark.slow(full=True)
@given(st.dictionaries(NAMES, BYTES, min_size=1, max_size=7))
@LONG
def test_many_random_files_of_any_kind_are_accounted_for(fresh_logs, files):
    accounts_for_bytes(fresh_logs(), files)


def accounts_for_bytes(logs, files):
    """Pull twice: no crash, each record has its outcome, and the second time none is new."""
    for name, content in files.items():
        (logs.folder / name).write_bytes(content)
    logs.pull()
    before = logs.outcomes()
    lines = {line for line in files.get("a.jsonl", b"").split(b"\n") if line.strip()}
    is_utf8 = b"\0" not in files.get("a.jsonl", b"") and b"\xff" not in files.get("a.jsonl", b"")
    if is_utf8 and lines:
        assert any(row["path"].endswith("a.jsonl") for row in logs.table("records"))
    logs.pull()
    assert logs.outcomes() == before


def conserves_records(logs, files):
    for number, lines in enumerate(files):
        logs.write(f"{number}.jsonl", *(f"{line}\n" for line in lines))
    logs.pull()
    outcomes = logs.outcomes()
    assert sum(outcomes.values()) == sum(map(len, files))
    runs = logs.table("stage_runs")
    assert sum(run["rows_in"] for run in runs) == outcomes["chat"] + outcomes["quarantine"]
    assert sum(run["kept"] for run in runs) == len(logs.table("chats"))
    for run in runs:
        assert run["rows_in"] == run["kept"] + run["dropped"] + run["quarantined"]


def reads_by_parts_as_at_once(at_once, by_parts, lines, cuts):
    whole = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass")
    (at_once.folder / "a.jsonl").write_bytes(whole)
    at_once.pull()
    for cut in [*sorted(cuts), 1.0]:
        (by_parts.folder / "a.jsonl").write_bytes(whole[: round(cut * len(whole))])
        by_parts.pull()
    for table in ("chats", "votes"):
        assert by_parts.table(table) == at_once.table(table)
    assert known(by_parts) == known(at_once)
    by_parts.outcomes()


def known(logs):
    """Return records without their day: an unreadable one takes that of the chats known by then."""
    return sorted((r["record_id"], r["line"], r["outcome"]) for r in logs.table("records"))
