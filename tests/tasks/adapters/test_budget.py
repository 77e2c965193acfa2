"""Caps: what one run may buy, over all its stages, and what calls cost."""

import pytest

from schemas.errors import SettingsError
from schemas.settings import ModelSettings
from tasks.adapters.prices import cost_usd

PRICED = {"input_usd_per_mtok": 1e5, "output_usd_per_mtok": 2e5}  # 10 + 5 tokens: 2 USD a call


def numbered(n, start=0):
    return [f"prompt {i}" for i in range(start, start + n)]


def pending(replies):
    return [reply.pending for reply in replies if reply.pending]


def test_max_calls_holds_over_all_stages_of_a_run_and_the_next_run_goes_on(buyer, model):
    caps = {"max_calls": 10}
    run = buyer.run(caps=caps)
    stages = [numbered(6), numbered(8, start=6), numbered(3, start=20)]
    replies = [reply for stage in stages for reply in buyer.ask(*stage, run=run)]
    assert len(model.asked) == 10
    assert pending(replies) == ["caps.max_calls = 10 is reached"] * 7
    again = [reply for stage in stages for reply in buyer.ask(*stage, run=buyer.run(caps=caps))]
    assert pending(again) == []
    assert set(model.counts.values()) == {1}
    assert len(model.asked) == 17


def test_cached_replies_cost_nothing_of_the_cap(buyer, model):
    buyer.ask(*numbered(20))
    replies = buyer.ask(*numbered(25), caps={"max_calls": 3})
    assert (len(model.asked), len(pending(replies))) == (23, 2)


def test_calls_that_brought_nothing_cost_nothing_of_the_cap(buyer, model, short_pauses):
    model.says("prompt 0", model.error(500))
    replies = buyer.ask(*numbered(4), caps={"max_calls": 3}, concurrency=1)
    assert [reply.text is not None for reply in replies] == [False, True, True, True]


def test_refused_calls_count(buyer, model):
    model.says("prompt 0", model.error(400))
    replies = buyer.ask(*numbered(4), caps={"max_calls": 3}, concurrency=1)
    assert [bool(reply.pending) for reply in replies] == [False, False, False, True]


def test_max_calls_0_sends_nothing(buyer, model):
    assert pending(buyer.ask("a", caps={"max_calls": 0})) == ["caps.max_calls = 0 is reached"]
    assert model.asked == []


@pytest.mark.parametrize(
    ("caps", "reason"),
    [
        ({"max_usd": 5.0}, "caps.max_usd = 5.0 is reached"),
        ({"max_tokens": 45}, "caps.max_tokens = 45 is reached"),
    ],
)
def test_spend_stops_within_a_stage_and_between_stages(buyer, model, caps, reason):
    run = buyer.run(caps=caps, concurrency=1, **PRICED)
    replies = buyer.ask(*numbered(6), run=run)
    assert len(model.asked) == 3  # 6 USD, 45 tokens: the call that reaches the cap is the last
    assert pending(replies) == [reason] * 3
    assert pending(buyer.ask("next stage", run=run)) == [reason]
    assert len(model.asked) == 3


def test_spend_cap_goes_past_itself_by_the_calls_in_flight_at_most(buyer, model):
    buyer.ask(*numbered(40), caps={"max_usd": 5.0}, concurrency=4, **PRICED)
    assert len(model.asked) <= 3 + 4 - 1


def test_max_usd_without_prices_is_refused_before_anything_is_sent(buyer, model):
    for priced in ({}, {"input_usd_per_mtok": 1.0}, {"output_usd_per_mtok": 1.0}):
        with pytest.raises(SettingsError, match="needs prices: set llm"):
            buyer.ask("a", caps={"max_usd": 1.0}, **priced)
    assert model.asked == []


def test_model_that_is_free_never_reaches_a_cap_in_usd(buyer):
    free = {"input_usd_per_mtok": 0.0, "output_usd_per_mtok": 0.0}
    assert pending(buyer.ask(*numbered(30), caps={"max_usd": 1e-9}, **free)) == []


@pytest.mark.parametrize("cap", ["max_usd", "max_tokens"])
def test_cap_that_cannot_be_kept_stops_instead_of_being_forgotten(buyer, model, cap):
    model.usual = {"usage": None}
    run = buyer.run(caps={cap: 1000}, concurrency=1, **PRICED)
    wanted = [f"caps.{cap} = {1000.0 if cap == 'max_usd' else 1000} cannot be kept"] * 2
    replies = buyer.ask("a", "b", run=run) + buyer.ask("c", run=run)
    assert [reason.partition(":")[0] for reason in pending(replies)] == wanted
    assert model.asked == ["a"]


def test_cost_is_tokens_times_price_per_million():
    cfg = ModelSettings(input_usd_per_mtok=0.5, output_usd_per_mtok=1.5)
    assert cost_usd(cfg, 2_000_000, 1_000_000) == pytest.approx(2.5)
    assert cost_usd(cfg, 10, None) == pytest.approx(5e-6)


def test_cost_is_unknown_without_prices_or_without_usage():
    assert cost_usd(ModelSettings(), 10, 5) is None
    assert cost_usd(ModelSettings(input_usd_per_mtok=1.0), 10, 5) is None
    assert cost_usd(ModelSettings(**PRICED), None, None) is None
