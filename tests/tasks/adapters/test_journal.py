"""The journal: nobody is told of a reply that a crash could lose."""

import asyncio
import json
import os
import stat
import threading
from contextlib import closing, suppress

import pytest

from tasks.adapters import journal, locks, purchases, store
from tasks.adapters.journal import Journal


@pytest.fixture
def segment(journal_folder):
    with closing(Journal(journal_folder)) as opened:
        yield opened


def keys(segment):
    return [record["call_key"] for record in segment.unloaded]


def die(segment):
    """Leave the segment as kill -9 does: unlocked, under its name, not put away."""
    os.close(segment._segments[-1].handle)


def written(folder, line, *names, torn=b""):
    """Return the path of an orphan with a line per name."""
    path = folder / "123-dead.jsonl"
    path.write_bytes(
        b"".join(json.dumps(line(name), default=str).encode() + b"\n" for name in names) + torn
    )
    return path


async def add(segment, record):
    await segment.add(record)


async def add_all(segment, records):
    adding = [add(segment, record) for record in records]
    return await asyncio.gather(*adding, return_exceptions=True)


# --- safe before it is told ---


def test_nothing_is_acknowledged_before_the_disk_says_so(segment, line, monkeypatch):
    disk = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _: disk.wait(10))

    async def look():
        adding = asyncio.create_task(add(segment, line("a")))
        await asyncio.sleep(0.05)
        before = adding.done(), keys(segment)
        disk.set()
        await adding
        return before

    assert asyncio.run(look()) == (False, [])
    assert keys(segment) == ["a"]


def test_replies_that_gather_share_one_write(segment, line, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fdatasync", synced.append)
    asyncio.run(add_all(segment, [line(str(n)) for n in range(200)]))
    assert keys(segment) == [str(n) for n in range(200)]
    assert len(synced) <= 2


def test_failed_sync_acknowledges_nothing_of_its_group_and_nothing_after(
    segment, line, monkeypatch
):
    def full(_):
        raise OSError(28, "No space left on device")

    asyncio.run(add(segment, line("before")))
    with monkeypatch.context() as broken:
        broken.setattr(os, "fdatasync", full)
        failed = asyncio.run(add_all(segment, [line("a"), line("b")]))
    assert [type(error) for error in failed] == [OSError, OSError]
    with pytest.raises(OSError, match="No space left"):  # the disk works again: still no trust
        asyncio.run(add(segment, line("after")))
    assert keys(segment) == ["before"]


def test_half_written_line_spoils_no_acknowledged_one(journal_folder, line, monkeypatch):
    segment, write = Journal(journal_folder), os.write

    def half(handle, data):
        write(handle, data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    asyncio.run(add(segment, line("before")))
    with monkeypatch.context() as broken:
        broken.setattr(os, "write", half)
        asyncio.run(add_all(segment, [line("half")]))
    asyncio.run(add_all(segment, [line("after")]))
    told = keys(segment)
    die(segment)
    with journal.orphan(segment.path) as records:
        assert [record["call_key"] for record in records] == told == ["before"]


def test_reply_of_a_caller_that_was_cancelled_is_kept(segment, line, monkeypatch):
    disk = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _: disk.wait(10))

    async def cancel():
        adding = [asyncio.create_task(add(segment, line(name))) for name in "abc"]
        await asyncio.sleep(0.05)
        adding[1].cancel()
        later = asyncio.create_task(add(segment, line("d")))
        await asyncio.sleep(0)
        later.cancel()
        disk.set()
        results = await asyncio.gather(*adding, later, return_exceptions=True)
        await segment.drain()
        await segment.add(line("e"))
        return [type(result) for result in results]

    cancelled = asyncio.CancelledError
    assert asyncio.run(cancel()) == [type(None), cancelled, type(None), cancelled]
    assert keys(segment) == ["a", "b", "c", "d", "e"]


# --- files ---


def test_only_the_owner_may_read_it(tmp_path, line):
    with closing(Journal(tmp_path)) as segment:
        asyncio.run(add(segment, line("a")))
        assert stat.S_IMODE(segment.path.stat().st_mode) == 0o600
        assert stat.S_IMODE((tmp_path / "loaded").stat().st_mode) == 0o700


def test_name_of_a_new_segment_is_safe_before_its_lines(journal_folder, monkeypatch):
    synced = []
    monkeypatch.setattr(os, "fsync", lambda handle: synced.append(os.fstat(handle).st_ino))
    with closing(Journal(journal_folder)):
        assert synced == [journal_folder.stat().st_ino]


def test_loaded_segment_is_kept_apart_until_the_next_backup(journal_folder, line):
    with closing(Journal(journal_folder)) as segment:
        asyncio.run(add(segment, line("a")))
        segment.loaded(1)
    assert journal.segments(journal_folder) == []
    [kept] = (journal_folder / "loaded").iterdir()
    assert json.loads(kept.read_bytes())["call_key"] == "a"


def test_empty_segment_disappears(journal_folder):
    with closing(Journal(journal_folder)):
        pass
    written(journal_folder, None)
    with journal.orphan(journal_folder / "123-dead.jsonl") as records:
        assert records == []
    assert [path for path in journal_folder.rglob("*") if path.is_file()] == []


def test_segment_with_lines_that_are_not_loaded_stays_for_whoever_comes_next(journal_folder, line):
    with closing(Journal(journal_folder)) as segment:
        asyncio.run(add(segment, line("a")))
    assert journal.segments(journal_folder) == [segment.path]
    with journal.orphan(segment.path) as records:
        assert [record["call_key"] for record in records] == ["a"]


# --- orphans ---


def test_segment_of_a_live_process_is_left_alone(segment, journal_folder, line):
    asyncio.run(add(segment, line("a")))
    with journal.orphan(segment.path) as records:
        assert records is None
    assert journal.segments(journal_folder) == [segment.path]


def test_orphan_that_somebody_else_took_is_nothing_to_do(journal_folder):
    with journal.orphan(journal_folder / "123-gone.jsonl") as records:
        assert records is None


def test_orphan_that_another_loads_between_our_look_and_our_lock_is_his(
    journal_folder, line, monkeypatch
):
    path = written(journal_folder, line, "a")

    def late(handle):
        path.unlink()
        return locks.hold(handle)

    monkeypatch.setattr(journal, "hold", late)
    with journal.orphan(path) as records:
        assert records is None


def test_orphan_stays_when_its_loading_fails(journal_folder, line):
    path = written(journal_folder, line, "a")
    with suppress(ZeroDivisionError), journal.orphan(path):
        raise ZeroDivisionError
    with journal.orphan(path) as records:
        assert len(records) == 1
    assert journal.segments(journal_folder) == []


def test_wherever_a_kill_tears_the_segment_whole_lines_are_found(journal_folder):
    whole = b'{"call_key":"a","n":1}\n{"call_key":"b","reply":"{\\"x\\":[2]}"}\n'
    first, last = whole.index(b"\n"), len(whole) - 1
    for end in range(len(whole) + 1):
        (journal_folder / "123-dead.jsonl").write_bytes(whole[:end])
        with journal.orphan(journal_folder / "123-dead.jsonl") as records:
            found = [record["call_key"] for record in records]
        assert found == ["a", "b"][: (end >= first) + (end >= last)]


def test_two_recoverers_at_once_load_each_line_once(warehouse, journal_folder, line):
    for n in range(8):
        path = written(journal_folder, line, *(f"{n}-{i}" for i in range(5)))
        path.rename(journal_folder / f"{n}-dead.jsonl")
    found, start = [], threading.Barrier(3)

    def recover():
        start.wait()
        found.append(purchases.recover(warehouse, journal_folder))

    threads = [threading.Thread(target=recover) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(found) == 40
    assert store.select(warehouse, "FROM llm_calls").height == 40
    assert journal.segments(journal_folder) == []


def test_a_segment_with_lines_the_disk_has_not_is_not_put_away(journal_folder, line, monkeypatch):
    segment, disk = Journal(journal_folder), threading.Event()
    asyncio.run(add(segment, line("a")))
    monkeypatch.setattr(os, "fdatasync", lambda _: disk.wait(10))

    async def write_on():
        b = segment.add(line("b"))
        monkeypatch.setattr(journal, "SEGMENT_BYTES", 1)
        c = segment.add(line("c"))  # into the next one
        await asyncio.sleep(0.05)
        segment.loaded(1)  # a
        kept = journal.loaded(journal_folder)
        disk.set()
        await asyncio.gather(b, c)
        return kept

    assert asyncio.run(write_on()) == []
    assert keys(segment) == ["b", "c"]
    segment.loaded(2)
    segment.close()
    assert len(journal.loaded(journal_folder)) == 2


def test_rewriting_keeps_lines_that_hold_odd_separators(journal_folder):
    path = journal_folder / "loaded" / "x.jsonl"
    odd = '{"call_key":"k","reply":"a\u2028b\u0085c"}'
    path.write_text(f'{odd}\n{{"call_key":"m","reply":"secret"}}\n', encoding="utf-8")
    journal.rewrite(path, lambda text: text.replace("secret", "<SECRET_1>"))
    assert path.read_text(encoding="utf-8") == f'{odd}\n{{"call_key":"m","reply":"<SECRET_1>"}}\n'
