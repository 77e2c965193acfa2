"""Backups: what was bought is never in one place only, and the warehouse can be gone back to."""

import shutil
import stat

import pytest

from schemas.errors import StoreError
from tasks.adapters import journal, store
from tasks.backup import back_up


def loaded(buyer):
    return journal.loaded(buyer.warehouse.parent / "journal")


def test_segments_go_only_when_a_backup_holds_what_they_hold(buyer):
    buyer.ask("a", "b")
    [first] = loaded(buyer)
    assert back_up(buyer.warehouse, keep=3).segments == 1
    assert not first.exists()
    buyer.ask("c")
    assert len(loaded(buyer)) == 1


def test_a_failing_backup_deletes_nothing(buyer, monkeypatch):
    buyer.ask("a")

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("tasks.adapters.disk.os.fsync", full)
        with pytest.raises(OSError, match="No space left"):
            back_up(buyer.warehouse, keep=3)
    assert len(loaded(buyer)) == 1
    back_up(buyer.warehouse, keep=3)
    folder = buyer.warehouse.parent / "backups"
    assert [path.suffix for path in folder.iterdir()] == [".duckdb"]


def test_after_going_back_nothing_is_bought_again(buyer, model):
    buyer.ask("a", "b")
    kept = back_up(buyer.warehouse, keep=3).path
    buyer.ask("c", "d")
    buyer.warehouse.unlink()
    shutil.copy(kept, buyer.warehouse)
    for segment in loaded(buyer):  # bought since the backup
        segment.rename(segment.parents[1] / segment.name)
    replies = buyer.ask("a", "b", "c", "d")
    assert [reply.text for reply in replies] == ["re: a", "re: b", "re: c", "re: d"]
    assert len(model.asked) == 4


def test_a_backup_is_the_whole_store_and_its_owner_s_alone(buyer):
    buyer.ask("a")
    kept = back_up(buyer.warehouse, keep=3).path
    shapes = "SELECT table_name, column_name, comment FROM duckdb_columns() ORDER BY ALL"
    with store.snapshot(kept) as copy, store.reading(buyer.warehouse) as live:
        for sql in (shapes, "FROM llm_calls", "FROM conservation", "SELECT count(*) FROM funnel"):
            assert store.frame(copy, sql).equals(store.frame(live, sql))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700


def test_the_newest_backups_stay(buyer):
    made = [back_up(buyer.warehouse, keep=2).path for _ in range(4)]
    assert [path.exists() for path in made] == [False, False, True, True]


def test_a_backup_of_the_future_does_not_take_the_place_of_todays(buyer):
    first = back_up(buyer.warehouse, keep=1).path
    first.rename(first.with_name("warehouse-29991231T000000000000.duckdb"))
    made = back_up(buyer.warehouse, keep=1).path
    assert list(made.parent.iterdir()) == [made]


def test_no_warehouse_is_a_clear_error(tmp_path):
    with pytest.raises(StoreError, match="no warehouse at"):
        back_up(tmp_path / "warehouse.duckdb", keep=1)
