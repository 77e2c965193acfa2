"""The flows over the demo's world: three days, a scripted teacher, Prefect's own engine."""

import http.client
import json
import re
from contextlib import closing
from datetime import date
from urllib.parse import urlsplit

import polars as pl
import pytest
from prefect.client.orchestration import get_client

from flows.backfill import backfill
from flows.flywheel import flywheel
from schemas import ddl
from schemas.errors import StageFailed
from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import CapSettings
from schemas.stages import STAGES
from tasks.adapters import store
from tasks.demo import teacher, world

DAYS = [date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 4)]
OF_A_DAY = [table for stage in STAGES for table in stage.writes if table != "pulled_files"]


EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"
TEA = "Write two sentences on why tea tastes better from a pot than from a bag."


@pytest.fixture
def one_day(taught):
    """Settings of an empty store beside a log of a few questions."""
    lines = (
        {
            "id": f"r{n}",
            "timestamp": f"{DAYS[0]}T10:00:{n:02d}Z",
            "request": {"model": "m", "messages": [{"role": "user", "content": prompt}]},
            "response": {"choices": [{"message": {"role": "assistant", "content": "Hm."}}]},
        }
        for n, prompt in enumerate(("What is 17 * 24?", EGG, TEA, "hi"))
    )
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (taught.root / "logs" / "day.jsonl").write_text(text)
    return taught


@pytest.fixture
def three_days(taught):
    """Settings of an empty store beside the demo's logs."""
    world.write_logs(taught.root / "logs", chats_per_day=30)
    return taught


def tables(cfg):
    return {t: store.select(cfg.warehouse, f"FROM {t} ORDER BY ALL") for t in OF_A_DAY}


def served(url):
    at = urlsplit(url)
    with closing(http.client.HTTPConnection(at.hostname, at.port)) as connection:
        connection.request("GET", "/stats")
        return json.loads(connection.getresponse().read())["served"]


def same(one, other):
    return [name for name in one if not one[name].equals(other[name])]


def test_a_day_that_is_run_again_has_the_same_tables_and_buys_nothing(prefect_backend, one_day):
    flywheel(DAYS[0], cfg=one_day)
    before, bought = tables(one_day), served(one_day.llm.base_url)
    flywheel(DAYS[0], run=Run(cfg=one_day, restage=frozenset({"filter", "tag", "answer"})))
    assert same(tables(one_day), before) == []
    assert served(one_day.llm.base_url) == bought


@pytest.mark.slow
def test_days_in_any_order_and_twice_end_in_the_same_tables_and_buy_nothing_twice(
    prefect_backend, three_days, tmp_path
):
    backfill(DAYS[0], DAYS[-1], cfg=three_days)
    in_order = tables(three_days)
    assert store.select(three_days.warehouse, "FROM conservation").height == 0

    bought = served(three_days.llm.base_url)
    backfill(DAYS[0], DAYS[-1], run=Run(cfg=three_days, restage=frozenset({"filter", "answer"})))
    assert same(tables(three_days), in_order) == []
    assert served(three_days.llm.base_url) == bought

    elsewhere = three_days.model_copy(update={"var": tmp_path / "elsewhere" / "var"})
    for day in (DAYS[2], DAYS[0], DAYS[1]):
        flywheel(day, cfg=elsewhere)
    paths = in_order["records"].drop("path")
    in_any_order = tables(elsewhere)
    assert in_any_order["records"].drop("path").equals(paths)
    for each in (in_any_order, in_order):  # which prompts share a call depends on what is stored
        each["tagged_prompts"] = each["tagged_prompts"].drop("call_key")
    assert set(same(in_any_order, in_order)) <= {"records", "quarantine"}  # they name files


@pytest.mark.slow
def test_every_stage_of_a_day_leaves_an_artifact(prefect_backend, one_day):
    flywheel(DAYS[0], cfg=one_day)
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(limit=200)
    keys = {artifact.key for artifact in found}
    assert keys >= {f"{stage.name.replace('_', '-')}-{DAYS[0]}" for stage in STAGES}
    shown = [artifact for artifact in found if artifact.key == "calls-answer"]
    last = max(shown, key=lambda artifact: artifact.created)
    assert (last.type, last.data) == ("progress", 100.0)
    assert re.match(r"3 of 3 done \(0 cached, 0 failed, 0 pending\), .* tokens, ", last.description)


@pytest.mark.slow
def test_a_cap_leaves_partial_days_and_the_next_run_completes_them(prefect_backend, one_day):
    capped = one_day.model_copy(update={"caps": CapSettings(max_calls=2)})
    before = served(one_day.llm.base_url)
    flywheel(DAYS[0], cfg=capped)
    assert served(one_day.llm.base_url) - before == 2
    runs = store.select(one_day.warehouse, "SELECT stage, status, pending FROM stage_runs")
    partial = runs.filter(pl.col("status") == "partial")["stage"].to_list()
    assert set(partial) >= {"answer", "check", "dedupe_answers"}
    assert runs["pending"].sum() > 0
    assert store.select(one_day.warehouse, "FROM conservation").height == 0

    flywheel(DAYS[0], cfg=one_day)
    runs = store.select(
        one_day.warehouse, "SELECT status FROM stage_runs WHERE day = $day", day=DAYS[0]
    )
    assert set(runs["status"]) == {"complete"}


def test_a_failing_stage_leaves_the_day_and_says_what_to_do(prefect_backend, one_day):
    flywheel(DAYS[0], cfg=one_day)
    before = tables(one_day)
    broken = one_day.model_copy(update={"llm": ModelSettings()})
    with pytest.raises(StageFailed, match=r"answer stopped on 2026-03-02: no strong model is set"):
        flywheel(DAYS[0], run=Run(cfg=broken, restage=frozenset({"answer"})))
    assert same(tables(one_day), before) == []
    with store.snapshot(broken.published) as con:  # analysts see it, too
        shown = store.frame(con, "SELECT status FROM stage_runs WHERE stage = 'answer'")
    assert shown["status"].to_list() == ["failed"]
    status = store.select(one_day.warehouse, "SELECT status FROM stage_runs WHERE stage = 'answer'")
    assert status["status"].to_list() == ["failed"]
    flywheel(DAYS[0], cfg=one_day)
    assert same(tables(one_day), before) == []


@pytest.mark.slow
def test_no_private_value_reaches_the_store_or_the_published_file(prefect_backend, taught):
    summary = world.write_logs(taught.root / "logs", chats_per_day=30)
    backfill(DAYS[0], DAYS[-1], cfg=taught)
    everything = b"".join(
        store.select(taught.warehouse, f"FROM {name}").write_json().encode()
        for name in ddl.tables()
    )
    journal = taught.var / "journal" / "loaded"
    everything += b"".join(path.read_bytes() for path in journal.iterdir())
    assert [value for value in summary.private_values if value.encode() in everything] == []
    counts = store.select(
        taught.warehouse, "SELECT reason, count(*) AS n FROM quarantine GROUP BY 1"
    )
    empty = summary.counts["empty"]  # chats of one turn in which nothing was said
    planted = sum(n for name, n in summary.counts.items() if name.startswith("broken_"))
    assert counts["n"].sum() == planted + empty
    chats = store.select(taught.warehouse, "SELECT count(*) AS n FROM chats").item()
    assert chats == summary.counts["chats"] - empty


def test_a_production_profile_refuses_the_scripted_teacher(prefect_backend, one_day):
    production = one_day.model_copy(update={"profile": "production"})
    with pytest.raises(StageFailed, match="scripted demo teacher"):
        flywheel(DAYS[0], cfg=production)
    assert store.select(one_day.warehouse, "FROM llm_calls").height == 0
    assert production.llm.model == teacher.MODEL
