from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from schemas.run import Run
from schemas.stages import BY_NAME, STAGES
from tasks import ledger
from tasks.adapters import store
from tasks.fingerprint import code_version, settings_hash
from tasks.ledger import StageRun

DAY = date(2026, 3, 10)
FILTER = BY_NAME["filter"]


@pytest.fixture
def known(cfg):
    """Write rows into the ledger of an empty store."""

    def known(*runs):
        with store.writing(cfg.warehouse) as con:
            for run in runs:
                ledger.write(con, run)

    return known


@pytest.fixture
def settled(cfg, known):
    """Write a ledger in which every stage of these days is done and nothing has changed."""

    def settled(*days):
        for day in days:
            done = [settled_run(stage, day, cfg) for stage in STAGES]
            known(*done)

    return settled


def settled_run(stage, day, cfg):
    inputs = " ".join(f"{name}=out-of-{name}" for name in ledger.writers(stage))
    return StageRun(
        stage.name,
        day,
        "r1",
        "complete",
        kept=5,
        fingerprint=settings_hash(stage, cfg),
        code_version=code_version(stage),
        inputs=inputs,
        outputs=f"out-of-{stage.name}",
    )


def change(cfg, day, stage="pull", **values):
    """Change the ledger row of a stage."""
    with store.writing(cfg.warehouse) as con:
        row = store.frame(
            con, "FROM stage_runs WHERE day = $day AND stage = $stage", day=day, stage=stage
        )
        ledger.write(con, replace(StageRun(**row.to_dicts()[0]), **values))


def timeless(run):
    return replace(run, finished_at=datetime.min)


def days_of(cfg, first, last):
    return [batch.day for batch in ledger.days_to_do(Run(cfg=cfg), first, last)]


def near(days):
    return DAY + timedelta(days=days)


def test_the_latest_run_of_a_stage_takes_the_place_of_the_one_before(cfg, known):
    known(StageRun("filter", DAY, "r1", "partial", pending=3, message="cap", stale="x"))
    known(StageRun("filter", DAY, "r2", "complete"), StageRun("filter", near(1), "r2", "partial"))
    last = ledger.last_run(ledger.runs(cfg.warehouse, DAY), FILTER)
    assert timeless(last) == timeless(StageRun("filter", DAY, "r2", "complete"))
    assert ledger.runs(cfg.warehouse).height == 2


def test_a_failure_keeps_all_that_is_known_of_the_last_good_run(cfg, known):
    good = StageRun(
        "filter",
        DAY,
        "r1",
        "partial",
        rows_in=9,
        kept=5,
        dropped=1,
        pending=3,
        fingerprint="f",
        code_version="c",
        inputs="pull=x",
        outputs="o",
        stale="an earlier day changed",
        message="cap",
        seconds=2.0,
    )
    known(good)
    ledger.record_failure(cfg.warehouse, StageRun("filter", DAY, "r2", "failed", message="no"))
    found = ledger.last_run(ledger.runs(cfg.warehouse, DAY), FILTER)
    wanted = replace(good, run_id="r2", status="failed", message="no")
    assert timeless(found) == timeless(wanted)


def test_what_a_stage_reads_is_named_with_its_hash_and_without_one_where_nothing_ran(cfg, known):
    known(StageRun("filter", DAY, "r", "complete", outputs="abc"))
    runs = ledger.runs(cfg.warehouse, DAY)
    assert ledger.inputs_of(runs, BY_NAME["tag"]) == "filter=abc"
    assert ledger.inputs_of(runs, BY_NAME["dedupe_prompts"]) == "filter=abc tag="


@pytest.mark.parametrize(
    ("last", "forced", "why"),
    [
        (None, False, "never run"),
        ({}, False, None),
        ({}, True, "forced"),
        ({"inputs": "pull=2"}, False, "inputs changed"),
        ({"status": "partial"}, False, "partial"),
        ({"status": "failed"}, False, "failed"),
        ({"stale": "an earlier day changed"}, False, "an earlier day changed"),
        ({"fingerprint": "other", "code_version": "other"}, False, None),
    ],
    ids=str,
)
def test_a_stage_runs_for_these_reasons_and_for_no_others(last, forced, why):
    done = StageRun("filter", DAY, "r", "complete", inputs="pull=1")
    known = None if last is None else replace(done, **last)
    assert ledger.why_run(known, "pull=1", forced=forced) == why


def test_changed_settings_and_code_are_told_apart(cfg):
    run, done = Run(cfg=cfg), settled_run(FILTER, DAY, cfg)
    assert ledger.settings_changed(done, FILTER, run) is None
    for changed, said in [
        ({"fingerprint": "mixed"}, "settings changed"),
        ({"code_version": "x"}, "code changed"),
        ({"fingerprint": "x", "code_version": "x"}, "settings and code changed"),
    ]:
        assert ledger.settings_changed(replace(done, **changed), FILTER, run) == said


def test_a_settled_store_has_no_stale_stage_and_a_day_only_pulled_has_all(cfg, settled, known):
    settled(DAY)
    assert ledger.stale_stages(ledger.runs(cfg.warehouse), Run(cfg=cfg)).height == 0
    known(StageRun("pull", near(1), "r", "complete"))
    stale = ledger.stale_stages(ledger.runs(cfg.warehouse), Run(cfg=cfg))
    assert stale["day"].unique().to_list() == [near(1)]
    assert stale["stage"].to_list() == [stage.name for stage in STAGES[1:]]
    assert stale["inputs"].unique().to_list() == ["never run"]


def test_both_kinds_of_stale_are_shown_side_by_side(cfg, settled):
    settled(DAY)
    change(cfg, DAY, outputs="more chats")
    other = cfg.model_copy(update={"check": cfg.check.model_copy(update={"min_answer_chars": 9})})
    stale = ledger.stale_stages(ledger.runs(cfg.warehouse), Run(cfg=other))
    assert stale.rows() == [
        (DAY, "filter", "inputs changed", None),
        (DAY, "answer", "inputs changed", None),
        (DAY, "check", "inputs changed", "settings changed"),
    ]


def test_the_day_that_was_asked_for_is_run_even_without_chats(cfg):
    batches = list(ledger.days_to_do(Run(cfg=cfg), DAY, DAY))
    assert [(batch.day, batch.rows) for batch in batches] == [(DAY, 0)]


def test_of_a_range_the_days_with_chats_are_run_oldest_first(cfg, known):
    known(*[StageRun("pull", near(n), "r", "complete", kept=n) for n in (3, 1, 9)])
    batches = list(ledger.days_to_do(Run(cfg=cfg), DAY, near(5)))
    assert [(batch.day, batch.rows) for batch in batches] == [(near(1), 1), (near(3), 3)]


def test_a_run_takes_along_days_near_its_own_whose_inputs_have_changed(cfg, settled):
    settled(near(-8), near(-7), near(-3), DAY, near(7), near(8))
    for n in (-8, -7, 7, 8):
        change(cfg, near(n), outputs="a late chat")
    assert days_of(cfg, DAY, DAY) == [near(-7), DAY, near(7)]
    near_only = cfg.pull.model_copy(update={"late_days": 0})
    assert days_of(cfg.model_copy(update={"pull": near_only}), DAY, DAY) == [DAY]


@pytest.mark.parametrize(
    "of_day",
    [{"status": "partial"}, {"status": "failed"}, {"fingerprint": "other settings"}],
    ids=str,
)
def test_a_run_leaves_other_days_that_are_unfinished_or_have_other_settings(cfg, settled, of_day):
    settled(near(-1), DAY)
    change(cfg, near(-1), "answer", **of_day)
    assert days_of(cfg, DAY, DAY) == [DAY]


def test_a_run_leaves_other_days_that_were_pulled_and_never_run(cfg, settled, known):
    settled(DAY)
    known(StageRun("pull", near(-1), "r", "complete"))
    assert days_of(cfg, DAY, DAY) == [DAY]


def test_a_day_that_an_earlier_one_makes_stale_is_run_in_the_same_sweep(cfg, settled):
    settled(near(-2), DAY, near(2))
    change(cfg, near(-2), outputs="a late chat")
    seen = []
    for batch in ledger.days_to_do(Run(cfg=cfg), DAY, DAY):
        seen.append(batch.day)
        if batch.day == near(-2):
            change(cfg, near(2), "dedupe_prompts", stale="an earlier day changed")
    assert seen == [near(-2), DAY, near(2)]


def test_the_sweep_ends_although_a_day_stays_stale(cfg, settled):
    settled(DAY, near(1))
    change(cfg, near(1), outputs="a late chat")
    assert days_of(cfg, DAY, DAY) == [DAY, near(1)]
