"""Claims: two that want the same call buy it once, and no claim outlives its owner for long."""

import json
import threading
from contextlib import closing
from datetime import timedelta

import pytest

from schemas.run import Run
from schemas.settings import FlywheelSettings
from tasks.adapters import purchases, store
from tasks.adapters.budget import Budget
from tasks.adapters.journal import Journal
from tasks.adapters.prices import prices_of
from tasks.adapters.purchases import Wanted


def claims(warehouse):
    rows = store.select(warehouse, "FROM claims ORDER BY call_key").to_dicts()
    return {row["call_key"]: row["owner"] for row in rows}


def calls(warehouse, column="reply"):
    rows = store.select(warehouse, "FROM llm_calls ORDER BY call_key").to_dicts()
    return {row["call_key"]: row[column] for row in rows}


def standing(warehouse, keys, owner="me", run=None):
    run = run or Run(cfg=FlywheelSettings())
    wanted = [Wanted(key) for key in keys]
    return purchases.claim(warehouse, wanted, owner, run, Budget(run, prices_of(run.cfg.llm)))


def claim(warehouse, keys, owner="me", run=None):
    found = standing(warehouse, keys, owner, run)
    return [sorted(found.bought), found.mine, found.elsewhere]


def test_keys_are_bought_ours_or_claimed_elsewhere(warehouse, line):
    purchases.settle(warehouse, "me", [line("a")])
    claim(warehouse, "b", "other")
    assert claim(warehouse, "abc") == [["a"], ["c"], ["b"]]
    assert claims(warehouse) == {"b": "other", "c": "me"}


def test_claims_keep_the_order_of_the_keys_and_repeat_none(warehouse):
    assert claim(warehouse, "dbabd") == [[], ["d", "b", "a"], []]
    assert claim(warehouse, "") == [[], [], []]


def test_own_claim_is_ours_again(warehouse):
    claim(warehouse, "a")
    assert claim(warehouse, "a") == [[], ["a"], []]


def test_bought_call_is_the_row_that_was_journalled(warehouse, line):
    bought = line("a", cost_usd=0.5)
    purchases.settle(warehouse, "me", [bought])
    assert standing(warehouse, "a", "other").bought == {"a": bought}


def test_claim_is_free_after_its_lease(warehouse, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr(purchases, "LEASE", timedelta(seconds=-1))
        claim(warehouse, "a", "stuck")
    assert claim(warehouse, "a") == [[], ["a"], []]
    assert claims(warehouse) == {"a": "me"}


def test_renewed_claim_is_not_free(warehouse, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr(purchases, "LEASE", timedelta(seconds=-1))
        claim(warehouse, "a", "alive")
        claim(warehouse, "b", "stuck")
    purchases.renew(warehouse, "alive")
    assert claim(warehouse, "ab") == [[], ["b"], ["a"]]


def test_owner_that_lost_its_claim_does_not_free_or_renew_it(warehouse, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr(purchases, "LEASE", timedelta(seconds=-1))
        claim(warehouse, "a", "stuck")
    claim(warehouse, "a", "me")
    purchases.renew(warehouse, "stuck")
    purchases.settle(warehouse, "stuck", [])
    assert claims(warehouse) == {"a": "me"}


def test_settling_frees_every_claim_of_its_owner_and_no_other(warehouse, line):
    claim(warehouse, "ab")
    claim(warehouse, "c", "other")
    purchases.settle(warehouse, "me", [line("a")])
    assert (claims(warehouse), list(calls(warehouse))) == ({"c": "other"}, ["a"])


def test_settling_twice_is_settling_once(warehouse, line):
    for _ in range(2):
        purchases.settle(warehouse, "me", [line("a"), line("b")])
    assert list(calls(warehouse)) == ["a", "b"]


def test_settling_that_fails_writes_nothing_and_frees_nothing(warehouse, line):
    claim(warehouse, "ab")
    with pytest.raises(Exception, match="attempts"):
        purchases.settle(warehouse, "me", [line("a"), line("b", attempts=0)])
    assert (claims(warehouse), calls(warehouse)) == ({"a": "me", "b": "me"}, {})


def test_of_many_who_want_the_same_calls_one_gets_each(warehouse):
    keys = [f"{n:02}" for n in range(40)]
    mine, start = {}, threading.Barrier(4)

    def want(owner):
        start.wait()
        mine[owner] = [
            key
            for some in (keys[:20], keys[10:], keys)
            for key in standing(warehouse, some, owner).mine
            if key not in mine.get(owner, [])
        ]

    threads = [threading.Thread(target=want, args=(f"owner {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    got = [(key, owner) for owner, some in mine.items() for key in set(some)]
    assert sorted(key for key, _ in got) == keys
    assert dict(got) == claims(warehouse)


# --- errors and answers ---


def failed(line, key, error="HTTP 400: no", **changes):
    return line(key, reply=None, error=error, **changes)


def test_answer_takes_the_place_of_an_error_and_never_the_other_way_round(warehouse, line):
    purchases.settle(warehouse, "me", [failed(line, "a"), line("b")])
    purchases.settle(warehouse, "me", [line("a"), failed(line, "b")])
    assert calls(warehouse, "error") == {"a": None, "b": None}


def test_first_answer_stays(warehouse, line):
    first, second = line("a"), line("a", reply='{"choices": []}')
    purchases.settle(warehouse, "me", [first])
    purchases.settle(warehouse, "me", [second])
    assert calls(warehouse) == {"a": first["reply"]}


def test_answer_wins_over_an_error_in_the_same_segment(warehouse, line):
    purchases.settle(warehouse, "me", [failed(line, "a"), line("a")])
    assert calls(warehouse, "error") == {"a": None}


def test_error_asked_again_belongs_to_the_run_that_asked(warehouse, line):
    purchases.settle(warehouse, "me", [failed(line, "a", run_id="first")])
    purchases.settle(warehouse, "me", [failed(line, "a", "HTTP 413: long", run_id="second")])
    assert calls(warehouse, "run_id") == {"a": "second"}
    assert calls(warehouse, "error") == {"a": "HTTP 413: long"}


def test_errors_of_other_runs_are_free_to_a_run_that_retries(warehouse, line):
    met = [failed(line, "a", run_id="first"), failed(line, "b", run_id="second"), line("c")]
    purchases.settle(warehouse, "me", met)
    assert claim(warehouse, "abc") == [["a", "b", "c"], [], []]
    again = Run(cfg=FlywheelSettings(), run_id="second", retry_failed=True)
    assert claim(warehouse, "abc", run=again) == [["b", "c"], ["a"], []]


# --- processes that died ---


def test_a_lease_that_ran_out_frees_nothing_while_its_owner_lives(
    warehouse, journal_folder, monkeypatch
):
    with closing(Journal(journal_folder)) as alive, monkeypatch.context() as asleep:
        asleep.setattr(purchases, "LEASE", timedelta(seconds=-1))  # the machine was suspended
        claim(warehouse, "a", alive.owner)
        assert claim(warehouse, "a") == [[], [], ["a"]]


def test_claims_of_the_dead_are_free_at_once_and_those_of_the_living_are_not(
    warehouse, journal_folder
):
    (journal_folder / "123-dead.jsonl").touch()
    claim(warehouse, "a", "123-dead")
    with closing(Journal(journal_folder)) as alive:
        claim(warehouse, "b", alive.owner)
        assert purchases.recover(warehouse, journal_folder) == 0
        assert claim(warehouse, "ab") == [[], ["a"], ["b"]]


def test_what_the_dead_had_bought_is_loaded_before_their_claims_go(warehouse, journal_folder, line):
    (journal_folder / "123-dead.jsonl").write_text(
        json.dumps(line("a"), default=lambda at: at.isoformat()) + '\n{"call_key": "b", "en'
    )
    claim(warehouse, "ab", "123-dead")
    assert purchases.recover(warehouse, journal_folder) == 1
    assert claim(warehouse, "ab") == [["a"], ["b"], []]
    assert purchases.recover(warehouse, journal_folder) == 0


def test_recovering_without_a_journal_is_nothing_to_do(warehouse, tmp_path):
    assert purchases.recover(warehouse, tmp_path / "none") == 0
