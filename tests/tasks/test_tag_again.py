"""What was bought stays: other settings, another list, a trained classifier buy nothing twice."""

import json
import re
from datetime import date, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from schemas import contracts
from schemas.batch import Batch
from schemas.conversation import text_message
from schemas.model_settings import ModelSettings
from schemas.run import Run
from schemas.settings import TagSettings
from schemas.task_types import UNKNOWN, load
from tasks.adapters import store
from tasks.tag import tag, tag_prompts
from tasks.tagging.local import Local, describe, local_tagger
from tasks.tagging.shipped import shipped

DAY = date(2026, 3, 2)
KIND = '[kinds.{}]\ndescription = "A kind."\nanswer_style = "{}"\nexamples = ["One thing"]\n'


def list_of(path, version, *labels, aliases=()):
    """Write a list of task types."""
    kinds = (KIND.format(label.replace("/", "."), "long") for label in labels)
    named = "".join(f'"{old}" = "{new}"\n' for old, new in aliases)
    path.write_text(f"version = {version}\n{''.join(kinds)}\n[aliases]\n{named}")


def give(cfg, *texts, day=DAY):
    """Store kept prompts of a day."""
    unset = {"turn": 0, "user_key": None, "language": "en", "origin": "log", "drop_reason": None}
    rows = [
        {
            **unset,
            "day": day,
            "chat_id": f"{day}{n}",
            "prompt_id": f"{day}{n}-0",
            "started_at": datetime(2026, 3, 2),
            "messages": [text_message("user", text)],
            "prompt": text,
            "traits": [],
            "rule_hits": [],
            "input_hash": n,
        }
        for n, text in enumerate(texts)
    ]
    with store.writing(cfg.warehouse) as con:
        store.replace(con, "prompts", day, contracts.frame("prompts", rows))
    return Batch(warehouse=cfg.warehouse, table="prompts", day=day, rows=len(rows))


def labels(cfg, day=DAY):
    """Return (label, tagger) by text of a day."""
    rows = store.select(
        cfg.warehouse,
        "SELECT prompt, area || '/' || kind, tagger, taxonomy_version "
        "FROM tagged_prompts JOIN prompts USING (day, prompt_id) WHERE day = $day",
        day=day,
    )
    return {text: tuple(rest) for text, *rest in rows.iter_rows()}


@pytest.fixture
def say(model_says):
    """A model that gives each text the label that stands in it, and the bodies it got."""

    def reply(body):
        found = re.findall(
            r"^<prompt-(\w+)>\n(.*?)\n</prompt-\1>$", body["messages"][1]["content"], re.M | re.S
        )
        tags = [
            {"id": id, "reason": "So.", "task_type": text.partition(" is ")[2] or UNKNOWN}
            for id, text in found
        ]
        packed = body["response_format"]["json_schema"]["name"] == "task_types"
        return json.dumps({"tags": tags} if packed else tags[0])

    return model_says(reply)


@pytest.fixture
def given(cfg, say, tmp_path):
    """Settings with that model and a list of two kinds, in a file that tests write anew."""
    path = tmp_path / "types.toml"
    list_of(path, 1, "a/old", "b/other")
    return cfg.model_copy(update={"llm": say[0], "task_types": path})


def tag_again(cfg, batch):
    tag.fn(batch, Run(cfg=cfg, restage=frozenset({"tag"})))


def test_a_tag_that_was_bought_outlives_a_sure_classifier_and_a_run_without_the_model(cfg, say):
    llm, bodies = say
    types = load()
    given = cfg.model_copy(update={"llm": llm})
    batch = give(cfg, "Oslo, later is qa/how_to", "Oslo, sooner is chat/advice")
    tag.fn(batch, Run(cfg=given))
    bought = {
        "Oslo, later is qa/how_to": ("qa/how_to", "model", types.version),
        "Oslo, sooner is chat/advice": ("chat/advice", "model", types.version),
    }
    assert labels(cfg) == bought
    calls = len(bodies)
    without = given.model_copy(update={"tag": TagSettings(use_model=False)})
    tag_again(without, batch)
    assert (labels(cfg), len(bodies)) == (bought, calls)
    rows = store.query(cfg.warehouse, "tag", day=DAY).with_columns(input_hash=pl.lit(1, pl.UInt64))
    sure = Local(shipped(types), types, 0.0)
    found = tag_prompts(rows, types, sure, cfg.warehouse, Run(cfg=given)).rows
    assert (found["tagger"].to_list(), len(bodies)) == (["model"] * 2, calls)
    assert found["tag_key"].null_count() == found["call_key"].null_count() == 0


def test_a_renamed_kind_buys_nothing_even_where_some_prompts_fit_nowhere(given, say):
    _, bodies = say
    batch = give(given, "this is a/old", "that is b/other", "fits nowhere")
    tag.fn(batch, Run(cfg=given))
    bought = len(bodies)
    list_of(given.task_types, 2, "a/new", "b/other", aliases=[("a/old", "a/new")])
    tag_again(given, batch)
    assert labels(given) == {
        "this is a/old": ("a/new", "model", 2),
        "that is b/other": ("b/other", "model", 2),
        "fits nowhere": (UNKNOWN, "model", 2),
    }
    assert len(bodies) == bought


def test_a_new_kind_is_offered_once_to_what_fitted_nowhere(given, say):
    _, bodies = say
    texts = ("this is a/old", "fits is c/new")
    batch = give(given, *texts)
    tag.fn(batch, Run(cfg=given))
    assert labels(given)["fits is c/new"] == (UNKNOWN, "none", 1)
    list_of(given.task_types, 2, "a/old", "b/other", "c/new")
    bought = len(bodies)
    for n in range(1, 4):
        tag.fn(give(given, *texts, day=DAY + timedelta(days=n)), Run(cfg=given))
        assert labels(given, DAY + timedelta(days=n))["fits is c/new"] == ("c/new", "model", 2)
        assert len(bodies) == bought + 1


def test_a_classifier_that_never_saw_a_kind_of_the_list_spares_no_call(cfg, tmp_path, monkeypatch):
    types = load()
    trained = shipped(types)
    longer = tmp_path / "longer.toml"
    list_of(longer, 9, *types.labels, "c/new")
    foreign = tmp_path / "foreign.toml"
    list_of(foreign, 9, "a/old", "b/other")
    monkeypatch.setattr("tasks.tagging.local.model_file", SimpleNamespace(load=lambda _: trained))
    asking = cfg.model_copy(update={"llm": ModelSettings(base_url="http://host/v1", model="m")})
    assert local_tagger(types, asking).classifier is trained
    local = local_tagger(load(longer), asking)
    assert (local.classifier, local.threshold) == (trained, None)
    assert f"learned version {types.version} of the task types, now it is 9" in describe(local)
    assert local_tagger(load(foreign), asking) is None
    assert local_tagger(load(foreign), cfg).classifier is not trained


def test_what_was_refused_or_fitted_nowhere_is_asked_again_when_a_run_is_told_to(
    given, say, model_says
):
    refusing, _ = model_says(lambda _: (400, "content filter"))
    batch = give(given, "this is a/old")
    tag.fn(batch, Run(cfg=given.model_copy(update={"llm": refusing})))
    tag_again(given, batch)
    assert labels(given) == {"this is a/old": (UNKNOWN, "none", 1)}
    assert say[1] == []
    tag.fn(batch, Run(cfg=given, restage=frozenset({"tag"}), retry_failed=True))
    assert labels(given) == {"this is a/old": ("a/old", "model", 1)}
