"""Caps: what one run may buy, over all its stages, and what calls cost."""

import threading
from contextlib import closing
from datetime import timedelta

import pytest

from schemas.errors import SettingsError
from schemas.model_settings import ModelSettings
from tasks.adapters import calls, purchases, store
from tasks.adapters.journal import Journal
from tasks.adapters.prices import prices_of

PRICED = {"input_usd_per_mtok": 1e5, "output_usd_per_mtok": 2e5}  # 10 + 5 tokens: 2 USD a call


def numbered(n, start=0):
    return [f"prompt {i}" for i in range(start, start + n)]


def pending(replies):
    return [reply.pending for reply in replies if reply.pending]


@pytest.mark.slow
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


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    ("caps", "used"),
    [({"max_usd": 50.0}, "usd"), ({"max_tokens": 200}, "tokens")],
)
def test_spend_never_goes_past_its_cap(buyer, model, caps, used):
    run = buyer.run(caps=caps, concurrency=8, **PRICED)
    replies = buyer.ask(*numbered(60), run=run) + buyer.ask("next stage", run=run)
    [(name, most)] = caps.items()
    calls = len(model.asked)
    spent = {"usd": 2.0, "tokens": 15}[used] * calls
    next_one = {"usd": 15.8, "tokens": 94}[used]
    assert most - next_one < spent <= most  # as near as the estimate of a call lets it come
    assert len(pending(replies)) == 61 - calls
    assert {reason.partition(" is reached")[0] for reason in pending(replies)} == {
        f"caps.{name} = {most}"
    }


def test_answers_that_are_longer_than_allowed_stop_at_the_cap(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 5)
    model.usual = {"usage": {"prompt_tokens": 10, "completion_tokens": 990}}
    run = buyer.run(caps={"max_tokens": 3_000}, concurrency=1)
    replies = buyer.ask(*numbered(40), run=run)
    assert len(model.asked) <= 15  # those claimed before the third reply came: three chunks
    assert len(pending(replies)) == 40 - len(model.asked)


def test_caps_of_a_day_hold_over_its_runs(buyer, model):
    for n in range(3):
        buyer.ask(*numbered(4, start=4 * n), caps={"max_calls_per_day": 10})
    assert len(model.asked) == 10
    [left] = {reply.pending for reply in buyer.ask("more", caps={"max_calls_per_day": 10})}
    assert left == "caps.max_calls_per_day = 10 is reached"


def test_what_was_bought_yesterday_does_not_count_today(buyer, model, line):
    yesterday = store.now() - timedelta(days=1)
    bought = [line(str(n), bought_at=yesterday) for n in range(5)]
    purchases.settle(buyer.warehouse, "me", bought)
    buyer.ask(*numbered(9), caps={"max_calls_per_day": 5})
    assert len(model.asked) == 5


def test_caps_of_a_day_count_what_another_process_has_claimed(buyer, model, line):
    (buyer.warehouse.parent / "journal").mkdir()
    with closing(Journal(buyer.warehouse.parent / "journal")) as other:
        buyer.claim(["x", "y", "z"], other.owner)
        bought = [line("x"), line("y")]  # and gives z up
        settling = threading.Timer(0.5, purchases.settle, (buyer.warehouse, other.owner, bought))
        settling.start()
        replies = buyer.ask(*numbered(6), caps={"max_calls_per_day": 4})
        settling.join()
    assert len(model.asked) == 2
    assert len(pending(replies)) == 4


def test_two_runs_at_once_spend_the_cap_of_a_day_and_no_more(buyer, model, monkeypatch):
    monkeypatch.setattr(calls, "CHUNK", 20)
    monkeypatch.setattr(calls, "LOOK_S", 0.05)
    caps, found = {"max_calls_per_day": 50}, []

    def ask(start):
        found.extend(buyer.ask(*numbered(60, start=start), caps=caps))

    runs = [threading.Thread(target=ask, args=(start,)) for start in (0, 1_000)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert len(model.asked) == 50
    assert len(pending(found)) == 70


def test_max_usd_without_prices_is_refused_before_anything_is_sent(buyer, model):
    for priced in ({}, {"input_usd_per_mtok": 1.0}, {"output_usd_per_mtok": 1.0}):
        with pytest.raises(SettingsError, match=r"set llm\.input_usd_per_mtok and llm"):
            buyer.ask("a", caps={"max_usd": 1.0}, **priced)
    assert model.asked == []


def test_model_that_is_free_never_reaches_a_cap_in_usd(buyer):
    free = {"input_usd_per_mtok": 0.0, "output_usd_per_mtok": 0.0}
    assert pending(buyer.ask(*numbered(30), caps={"max_usd": 1e-9}, **free)) == []


@pytest.mark.parametrize("cap", ["max_usd", "max_tokens"])
def test_cap_that_cannot_be_kept_stops_instead_of_being_forgotten(buyer, model, cap):
    model.usual = {"usage": None}
    run = buyer.run(caps={cap: 1000}, concurrency=1, **PRICED)
    most = 1000.0 if cap == "max_usd" else 1000
    replies = buyer.ask(*numbered(300), run=run) + buyer.ask("c", run=run)
    assert {reason.partition(":")[0] for reason in pending(replies)} == {
        f"caps.{cap} = {most} cannot be kept"
    }
    assert len(model.asked) < 300
    assert "c" not in model.asked


def test_estimate_of_a_call_counts_all_that_is_billed(buyer):
    cfg = buyer.cfg(**PRICED).llm
    plain = calls.estimate(buyer.request("How?", params={"max_tokens": 50}), cfg)
    assert plain.tokens - 50 in range(8, 30)  # two short messages
    assert plain.usd == pytest.approx((plain.tokens - 50) * 0.1 + 50 * 0.2)
    schema = {"type": "json_schema", "json_schema": {"enum": ["label"] * 500}}
    form = {"max_tokens": 50, "response_format": schema}
    assert calls.estimate(buyer.request("How?", params=form), cfg).tokens > 1_000
    call = {"id": "1", "function": {"name": "f", "arguments": "label" * 500}}
    turns = [{"role": "assistant", "content": None, "tool_calls": [call]}]
    called = buyer.request("How?", messages=turns, params={"max_tokens": 50})
    assert calls.estimate(called, cfg).tokens > 500
    assert calls.estimate(buyer.request("How?", params={}), cfg).tokens > 1_000  # no limit set


def test_a_server_that_reports_no_usage_is_no_reason_to_load_more_often(buyer, model, monkeypatch):
    loads, load = [], purchases.load

    def counted(*given):
        loads.append(given)
        return load(*given)

    monkeypatch.setattr(purchases, "load", counted)
    monkeypatch.setattr(calls, "LOAD_S", 600)  # what is loaded because of the time is not meant
    model.usual = {"usage": None}
    assert pending(buyer.ask(*numbered(200), concurrency=2)) == []
    assert len(loads) <= 2


def test_cost_is_tokens_times_price_per_million():
    prices = prices_of(ModelSettings(input_usd_per_mtok=0.5, output_usd_per_mtok=1.5))
    assert prices.usd(2_000_000, 1_000_000) == pytest.approx(2.5)
    assert prices.usd(10, None) == pytest.approx(5e-6)


def test_cost_is_unknown_without_prices_or_without_usage():
    assert prices_of(ModelSettings(model="my-own")).usd(10, 5) is None
    assert prices_of(ModelSettings(model="my-own", input_usd_per_mtok=1.0)).usd(10, 5) is None
    assert prices_of(ModelSettings(**PRICED)).usd(None, None) is None


def test_price_book_knows_models_by_name_and_the_settings_come_first():
    known = prices_of(ModelSettings(model="gpt-4o-mini", base_url="https://api.openai.com/v1"))
    assert known.usd(1_000_000, 1_000_000) == pytest.approx(0.75)
    assert known.source == "genai-prices, OpenAI"
    behind_a_gateway = ModelSettings(model="gpt-4o-mini", base_url="http://10.0.0.7:4000/v1")
    assert prices_of(behind_a_gateway).usd(10, 5) == known.usd(10, 5)
    free = behind_a_gateway.model_copy(update={"input_usd_per_mtok": 0, "output_usd_per_mtok": 0})
    assert (prices_of(free).usd(10, 5), prices_of(free).source) == (0, "flywheel.toml")
