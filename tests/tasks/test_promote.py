from datetime import datetime

import pytest

from schemas import contracts
from schemas.errors import NotFound, Refused
from schemas.settings import EvaluateSettings, PromoteSettings
from tasks import models
from tasks.adapters import store
from tasks.promote import decide, promote_now, rollback

NOON = datetime(2026, 3, 2, 12)
EXAM = "exam-1"
GOOD = {"won": 30, "lost": 2}


def verdict(model_id, against, kind="all", *, eval_set=EXAM, **counts):
    """Make a verdict over 100 exact prompts, of which both answer 50 right and `won` or `lost`."""
    won, lost = counts.pop("won", 0), counts.pop("lost", 0)
    row = {"model_id": model_id, "against": against, "eval_set": eval_set}
    row |= {"area": "all" if kind == "all" else "qa", "kind": kind}
    row |= {"prompts": 100, "exact": 100, "correct": 50 + won, "correct_against": 50 + lost}
    row |= {"won": won, "lost": lost, "stopped": 100, "stopped_against": 100}
    row |= {"p_better": 0.5, "p_worse": 0.5, "conclusion": "no_difference", "judged_at": NOON}
    if won > lost + 9:
        row |= {"p_better": 0.001, "conclusion": "better"}
    if lost > won + 9:
        row |= {"p_worse": 0.002, "conclusion": "worse"}
    return row | counts


def decided(*verdicts, **cfg):
    return decide(contracts.frame("verdicts", list(verdicts)), PromoteSettings(**cfg))


def test_better_over_all_and_worse_in_nothing_is_promoted():
    decision = decided(
        verdict("m2", "m1", **GOOD),
        verdict("m2", "m1", "sums", **GOOD),
        verdict("m2", "m1", "mood"),
    )
    assert decision == (
        "m2",
        True,
        "better than m1: 52 -> 80 of 100 right (30 won, 2 lost, p = 0.001)",
    )


def test_worse_in_one_task_type_is_refused_although_it_is_better_over_all():
    decision = decided(
        verdict("m2", "m1", **GOOD),
        verdict("m2", "m1", "mood", lost=20),
        verdict("m2", "m1", "sums"),
    )
    assert decision == (
        "m2",
        False,
        "worse than m1 in qa/mood 70 -> 50 of 100 right (0 won, 20 lost, p = 0.002)",
    )


def test_every_task_type_that_is_worse_is_named():
    worse = [verdict("m2", "m1", kind, lost=20) for kind in ("sums", "mood")]
    reason = decided(verdict("m2", "m1", **GOOD), *worse).reason
    assert reason.index("qa/mood") < reason.index("; qa/sums")


@pytest.mark.parametrize("counts", [{}, {"won": 3, "lost": 1}, {"lost": 20}])
def test_not_proven_better_is_refused(counts):
    decision = decided(verdict("m2", "m1", **counts))
    assert not decision.promoted
    assert decision.reason.startswith("not proven better than m1: ")


def test_a_model_that_does_not_stop_is_refused_however_right_it_is():
    decision = decided(verdict("m2", "m1", **GOOD, stopped=98))
    assert decision == (
        "m2",
        False,
        "only 98.0% of 100 answers end by themselves, wanted 99.0%",
    )
    assert decided(verdict("m2", "m1", **GOOD, stopped=99)).promoted
    assert decided(verdict("m2", "m1", **GOOD, stopped=98), min_stop_rate=0.98).promoted


def test_how_sure_to_be_is_asked_when_it_is_decided():
    whole, worse = verdict("m2", "m1", **GOOD), verdict("m2", "m1", "mood", lost=20)
    assert decided(whole, worse, alpha=0.0015).promoted
    assert not decided(whole, worse, alpha=0.0025).promoted
    assert not decided(whole, alpha=0.0005).promoted


def test_without_exact_answers_nothing_is_decided():
    none = {"exact": 0, "correct": 0, "correct_against": 0, "conclusion": "not_comparable"}
    decision = decided(verdict("m2", "m1", **none))
    assert decision == ("m2", False, "no prompt of the eval set has an exact answer to compare by")


@pytest.fixture
def cfg(cfg):
    return cfg.model_copy(update={"evaluate": EvaluateSettings(eval_set=EXAM)})


@pytest.fixture
def registry(cfg):
    """A base model and candidates m1, m2, m3 that started from it."""
    rows = [models.new_model(model_id="base", path="base", status="base")]
    for n in (1, 2, 3):
        about = {"model_id": f"m{n}", "run_id": f"r{n}", "dataset_version": "v1"}
        about |= {"base_model": "base", "path": f"m{n}", "status": "candidate"}
        rows.append(models.new_model(**about))
    with store.writing(cfg.warehouse) as con:
        store.insert(con, "models", contracts.frame("models", rows))
    return cfg


@pytest.fixture
def judge(registry):
    """Write what a comparison found: judge("m2", "m1", won=30)."""

    def call(*names, **counts):
        with store.writing(registry.warehouse) as con:
            store.insert(con, "verdicts", contracts.frame("verdicts", [verdict(*names, **counts)]))

    return call


@pytest.fixture
def promoted(registry, judge):
    """Promote models one after the other, the first against the base."""

    def call(*names):
        for name in names:
            champion = at_the_top(registry)
            judge(name, champion or "base", **GOOD)
            assert promote_now(registry, name)[0].promoted

    return call


def state(cfg):
    """Return {model_id: status}, the reason of each, and when it was promoted."""
    return store.select(cfg.warehouse, "FROM models ORDER BY model_id").rows_by_key(
        "model_id", named=True, unique=True
    )


def statuses(cfg):
    return {name: row["status"] for name, row in state(cfg).items() if name != "base"}


def at_the_top(cfg):
    """Return the one champion, None before there is one."""
    found = [name for name, status in statuses(cfg).items() if status == "champion"]
    assert len(found) <= 1
    return found[0] if found else None


def test_the_first_model_must_be_better_than_its_base(registry, judge):
    judge("m1", "base", **GOOD)
    decision, verdicts = promote_now(registry, "m1")
    assert decision.promoted
    assert verdicts["against"].to_list() == ["base"]
    row = state(registry)["m1"]
    assert (row["status"], row["reason"]) == ("champion", decision.reason)
    assert row["promoted_at"] is not None
    assert statuses(registry) == {"m1": "champion", "m2": "candidate", "m3": "candidate"}


def test_the_next_one_must_be_better_than_the_champion_which_retires(registry, promoted):
    promoted("m1", "m2")
    assert statuses(registry) == {"m1": "retired", "m2": "champion", "m3": "candidate"}
    assert state(registry)["m1"]["reason"] == "m2 took its place"


def test_a_refused_candidate_stays_one_and_keeps_the_reason(registry, promoted, judge):
    promoted("m1")
    judge("m2", "m1", won=3)
    decision, _ = promote_now(registry, "m2")
    assert not decision.promoted
    assert statuses(registry) == {"m1": "champion", "m2": "candidate", "m3": "candidate"}
    assert state(registry)["m2"]["reason"] == f"refused: {decision.reason}"
    assert state(registry)["m2"]["promoted_at"] is None


def test_a_verdict_against_an_older_champion_is_refused_with_the_command(registry, promoted, judge):
    judge("m3", "m1", **GOOD)
    promoted("m1", "m2")
    before = state(registry)
    with pytest.raises(
        Refused,
        match=r"m3 has not been compared with the champion m2 on the eval set 'exam-1'\. First: "
        "flywheel evaluate --model m3",
    ):
        promote_now(registry, "m3")
    assert state(registry) == before


def test_a_verdict_on_another_eval_set_is_refused(registry, judge):
    judge("m1", "base", eval_set="exam-0", **GOOD)
    with pytest.raises(Refused, match="not been compared with its base base on the eval set 'exam"):
        promote_now(registry, "m1")


def test_a_base_model_is_never_champion(registry):
    with pytest.raises(Refused, match="base is a base model"):
        promote_now(registry, "base")


def test_an_unknown_model_lists_the_known_ones(registry):
    with pytest.raises(NotFound, match=r"no model 'm9'\. There are: base, m1, m2, m3"):
        promote_now(registry, "m9")


def test_promoting_the_champion_again_changes_nothing(registry, promoted):
    promoted("m1")
    before = state(registry)
    decision, _ = promote_now(registry, "m1")
    assert decision.promoted
    assert decision.reason.startswith("is champion already: better than base")
    assert state(registry) == before


@pytest.mark.parametrize("wrote", [0, 1])
def test_a_promotion_that_dies_in_the_middle_did_not_happen(
    registry, promoted, judge, monkeypatch, wrote
):
    promoted("m1")
    judge("m2", "m1", **GOOD)
    before = state(registry)
    with monkeypatch.context() as patched:
        patched.setattr(models, "write", dies_after(wrote))
        with pytest.raises(KeyboardInterrupt):
            promote_now(registry, "m2")
    assert state(registry) == before
    promote_now(registry, "m2")
    assert at_the_top(registry) == "m2"


def test_a_rollback_that_dies_in_the_middle_did_not_happen(registry, promoted, monkeypatch):
    promoted("m1", "m2")
    before = state(registry)
    with monkeypatch.context() as patched:
        patched.setattr(models, "write", dies_after(1))
        with pytest.raises(KeyboardInterrupt):
            rollback(registry)
    assert state(registry) == before


def dies_after(count, write=models.write):
    calls = []

    def dying(con, model):
        calls.append(model)
        if len(calls) > count:
            raise KeyboardInterrupt
        write(con, model)

    return dying


def test_a_rollback_restores_the_champion_before(registry, promoted):
    promoted("m1", "m2")
    now, was = rollback(registry)
    assert (now["model_id"], was["model_id"]) == ("m1", "m2")
    assert statuses(registry) == {"m1": "champion", "m2": "retired", "m3": "candidate"}
    assert state(registry)["m1"]["reason"] == "rolled back from m2"
    assert state(registry)["m2"]["reason"] == "rolled back to m1"


def test_a_second_rollback_goes_further_back(registry, promoted):
    promoted("m1", "m2", "m3")
    rollback(registry)
    rollback(registry)
    assert at_the_top(registry) == "m1"


def test_a_rollback_after_a_new_champion_goes_to_the_one_before_it(registry, promoted):
    promoted("m1", "m2")
    rollback(registry)
    promoted("m3")
    rollback(registry)
    assert statuses(registry) == {"m1": "champion", "m2": "retired", "m3": "retired"}


def test_a_model_that_was_rolled_back_may_prove_itself_again(registry, promoted, judge):
    promoted("m1", "m2")
    rollback(registry)
    assert promote_now(registry, "m2")[0].promoted
    rollback(registry)
    assert at_the_top(registry) == "m1"


def test_without_a_champion_there_is_no_way_back(registry):
    with pytest.raises(NotFound, match="no champion to go back from"):
        rollback(registry)


def test_the_first_champion_stays_where_there_was_none_before(registry, promoted):
    promoted("m1")
    with pytest.raises(NotFound, match="there was no champion before m1"):
        rollback(registry)
    assert at_the_top(registry) == "m1"


def test_where_a_candidate_lost_is_shown_worst_first(registry, judge):
    judge("m1", "base", **GOOD)
    judge("m1", "base", "mood", lost=20)
    judge("m1", "base", "sums", won=1, lost=2)
    shown = store.select(registry.warehouse, "FROM regressions").to_dicts()
    assert [(row["kind"], row["conclusion"]) for row in shown] == [
        ("mood", "worse"),
        ("sums", "no_difference"),
    ]
    assert (shown[0]["accuracy_against"], shown[0]["accuracy"]) == (0.7, 0.5)
