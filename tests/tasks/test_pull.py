import json
import logging
from datetime import date

import polars as pl
import pytest

from schemas.batch import Batch
from schemas.errors import SourceError
from schemas.run import Run
from schemas.settings import SourceSettings
from tasks import ledger
from tasks.adapters import store
from tasks.filter import filter_prompts
from tasks.pull import pull, pull_new

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def write(cfg, name, *records):
    """Append records to a log file; text is written as it stands."""
    with (cfg.root / "logs" / name).open("a", encoding="utf-8") as file:
        file.writelines(one if isinstance(one, str) else json.dumps(one) + "\n" for one in records)


def chat(text, day=MONDAY, **more):
    messages = [{"role": "user", "content": text}]
    return {"timestamp": f"{day}T10:00:00Z", "messages": messages} | more


def runs(cfg):
    found = store.select(cfg.warehouse, "FROM stage_runs WHERE stage = 'pull' ORDER BY day")
    return {row["day"]: row for row in found.to_dicts()}


def filter_days(run, *days):
    for day in days:
        filter_prompts.fn(Batch(warehouse=run.cfg.warehouse, table="chats", day=day, rows=0), run)


def days_with_new_inputs(run):
    stale = ledger.stale_stages(ledger.runs(run.cfg.warehouse), run)
    changed = stale.filter(stage="filter").filter(pl.col("inputs").is_not_null())
    return changed["day"].to_list()


def test_receipt_counts_the_chats_of_the_day_that_was_asked_for(cfg):
    write(cfg, "a.jsonl", chat("Hello"), chat("Where is Oslo?"), chat("Bye", TUESDAY), "broken\n")
    receipt = pull.fn(MONDAY, Run(cfg=cfg))
    assert (receipt.table, receipt.day, receipt.rows) == ("chats", MONDAY, 2)
    assert pull.fn(date(2026, 3, 9), Run(cfg=cfg)).rows == 0


def test_ledger_and_log_line_say_what_became_of_the_records(cfg, caplog):
    caplog.set_level(logging.INFO)
    again = chat("Hello", id="c1")
    write(
        cfg,
        "a.jsonl",
        again,
        again,
        chat("Bye", TUESDAY),
        "broken\n",
        {"target_id": "c1", "vote": "up"},
    )
    assert pull_new(Run(cfg=cfg)) == [MONDAY, TUESDAY]
    counts = ("rows_in", "kept", "dropped", "quarantined", "pending", "status")
    assert [tuple(row[name] for name in counts) for row in runs(cfg).values()] == [
        (2, 1, 1, 0, 0, "complete"),
        (2, 1, 0, 1, 0, "complete"),
    ]
    assert "2026-03-02 pull: 2 in, 1 kept, 1 dropped (merged 1)" in caplog.text
    assert "2026-03-03 pull: 2 in, 1 kept, 1 quarantined" in caplog.text


@pytest.mark.parametrize("known", [True, False], ids=["known day", "new day"])
def test_kill_before_the_days_are_settled_is_made_good_by_the_next_pull(cfg, monkeypatch, known):
    if known:
        write(cfg, "a.jsonl", chat("Hello"))
        pull_new(Run(cfg=cfg))
    before = runs(cfg)
    write(cfg, "a.jsonl", chat("Where is Oslo?"), chat("Bye"))

    def killed(_con):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("tasks.pull.join_votes", killed)
        pull_new(Run(cfg=cfg))
    assert [row["stale"] for row in runs(cfg).values()] == ["being pulled"] * known
    assert pull_new(Run(cfg=cfg)) == [MONDAY]
    (settled,) = runs(cfg).values()
    assert (settled["kept"], settled["stale"]) == (2 + known, None)
    assert settled["outputs"] not in [row["outputs"] for row in before.values()]
    assert pull_new(Run(cfg=cfg)) == []


def test_late_record_makes_only_its_own_day_run_again(cfg):
    run = Run(cfg=cfg)
    write(cfg, "a.jsonl", chat("Where is Oslo?"), chat("Where is Rome?", TUESDAY))
    pull_new(run)
    filter_days(run, MONDAY, TUESDAY)
    assert days_with_new_inputs(run) == []
    write(cfg, "a.jsonl", chat("Where is Bonn?"))
    pull_new(run)
    assert days_with_new_inputs(run) == [MONDAY]


def test_late_record_marks_the_later_stages_of_its_day_until_they_have_run(cfg):
    run = Run(cfg=cfg)
    write(cfg, "a.jsonl", chat("Where is Oslo?"), chat("Where is Rome?", TUESDAY))
    pull_new(run)
    filter_days(run, MONDAY, TUESDAY)
    write(cfg, "a.jsonl", chat("Where is Bonn?"))
    pull_new(run)
    assert stale_filters(cfg) == {MONDAY: ledger.UPSTREAM, TUESDAY: None}
    filter_days(run, MONDAY)
    assert stale_filters(cfg) == {MONDAY: None, TUESDAY: None}


def test_mark_of_a_late_record_goes_when_the_change_does_not_reach_a_stage(cfg):
    run = Run(cfg=cfg)
    write(cfg, "a.jsonl", chat("Where is Oslo?"))
    pull_new(run)
    filter_days(run, MONDAY)
    with store.writing(cfg.warehouse) as con:
        ledger.mark_later(con, MONDAY)
    filter_days(run, MONDAY)
    assert stale_filters(cfg) == {MONDAY: None}
    assert days_with_new_inputs(run) == []


def stale_filters(cfg):
    found = store.select(cfg.warehouse, "SELECT day, stale FROM stage_runs WHERE stage = 'filter'")
    return dict(found.rows())


def test_votes_and_broken_lines_that_come_late_make_no_day_run_again(cfg):
    run = Run(cfg=cfg)
    write(cfg, "a.jsonl", chat("Where is Oslo?", id="c1"))
    pull_new(run)
    filter_days(run, MONDAY)
    write(cfg, "a.jsonl", {"target_id": "c1", "vote": "up"}, "broken\n")
    assert pull_new(run) == [MONDAY]
    assert days_with_new_inputs(run) == []


def test_each_source_is_read_under_its_own_name(cfg):
    (cfg.root / "more").mkdir()
    (cfg.root / "more" / "b.jsonl").write_text(json.dumps(chat("Hello")) + "\n")
    write(cfg, "a.jsonl", chat("Hello"))
    more = SourceSettings(name="more", path=str(cfg.root / "more"))
    cfg = cfg.model_copy(update={"sources": (*cfg.sources, more)})
    pull_new(Run(cfg=cfg))
    chats = store.select(cfg.warehouse, "FROM chats ORDER BY source")
    assert chats["source"].to_list() == ["logs", "more"]
    assert chats["chat_id"].n_unique() == 2


def test_source_without_files_is_named(cfg):
    with pytest.raises(SourceError, match="source 'logs': no log file in the folder"):
        pull_new(Run(cfg=cfg))
