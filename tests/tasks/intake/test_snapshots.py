"""One table of prompts at several dates, as a site publishes it: pulled in any order, it is one."""

from datetime import date
from itertools import permutations
from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "prompts_chat"
NAMES = ("prompts_2023-06-24.csv", "prompts_2025-06-09.csv", "prompts_2026-01-15.csv.zst")
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="not run: no ../shared/data")


def tables(logs):
    """Return what the store holds, without what says when and in which order it was read."""
    files = [{**row, "mtime_ns": 0} for row in logs.table("pulled_files")]
    return {**logs.everything(), "pulled_files": files}


def pulled(logs, names):
    for name in names:
        (logs.folder / name).write_bytes((DATA / name).read_bytes())
        logs.pull()
    return tables(logs)


@pytest.fixture(scope="module")
def in_order(new_logs, tmp_path_factory):
    """Return what the snapshots come to, oldest first."""
    return pulled(new_logs(tmp_path_factory.mktemp("snapshots") / "run"), NAMES)


@pytest.mark.parametrize(
    "order",
    [NAMES[::-1], *(pytest.param(order, marks=pytest.mark.slow) for order in permutations(NAMES))],
    ids="-".join,
)
def test_snapshots_come_to_the_same_tables_in_any_order(logs, order, in_order):
    assert pulled(logs, order) == in_order
    assert logs.pull() == []
    assert tables(logs) == in_order


def test_edited_prompt_is_the_latest_one_and_a_removed_one_stays(in_order):
    rows = {chat["source_id"]: chat for chat in in_order["chats"]}
    later = {name for name, chat in rows.items() if chat["updated_at"].date().year == 2026}
    assert in_order["quarantine"] == []
    assert len(later) == 1_003
    assert len(rows) == 1_019
    assert rows["Linux Terminal"]["day"] == date(2023, 6, 24)
