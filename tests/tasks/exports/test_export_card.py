"""The card says what the store knows, to machines and to people."""

import re

import pytest
import yaml

from schemas.settings import DatasetSettings
from tasks.adapters import store
from tasks.datasets.versions import freeze
from tasks.exam import add_eval_set
from tasks.exports.export import export
from tasks.exports.front import yaml as written_yaml
from tasks.exports.wanted import Wanted
from tasks.upsample import prepare


def read(out):
    """The YAML of a card, and its sections by title."""
    _, front, body = (out / "README.md").read_text("utf-8").split("---\n", 2)
    parts = re.split(r"^## (.+)\n", body, flags=re.M)
    return yaml.safe_load(front), dict(zip(parts[1::2], parts[2::2], strict=True))


def table(text):
    """The first table of a section, by its first column."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    return {row[0].strip(): dict(zip(head[1:], row[1:], strict=True)) for row in rows}


@pytest.fixture
def card(written):
    out, done = written("messages")
    return *read(out), done


def test_the_yaml_says_where_the_splits_are_and_how_many_rows_they_have(card):
    front, _, done = card
    assert front["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "train/*"},
                {"split": "validation", "path": "validation/*"},
            ],
        }
    ]
    counted = {one["name"]: one["num_examples"] for one in front["dataset_info"]["splits"]}
    assert counted == {split.name: split.rows for split in done.splits}
    assert (front["license"], front["pretty_name"]) == ("cc-by-4.0", "v1")
    assert front["tags"] == ["sft-flywheel", "sft", "messages"]
    assert front["language"] == ["en"]


def test_the_hub_reads_the_card(written):
    hub = pytest.importorskip("huggingface_hub", reason="not run: no huggingface_hub")
    out, _ = written("alpaca")
    read_there = hub.DatasetCard.load(out / "README.md")
    assert read_there.data.license == "cc-by-4.0"
    assert read_there.data.tags == ["sft-flywheel", "sft", "alpaca"]


def test_the_counts_are_those_of_the_store(card, frozen):
    _, sections, done = card
    about = store.select(frozen.warehouse, "FROM dataset_versions").to_dicts()[0]
    assert (
        f"{about['train_rows']} rows to train on ({about['train_rows_with_copies']} with"
        in (sections["Rows"])
    )
    assert {name: int(row["rows here"]) for name, row in table(sections["Rows"]).items()} == {
        "train": about["train_rows_with_copies"],
        "validation": about["validation_rows"],
    }
    assert done.splits[0].distinct == about["train_rows"]


def test_the_mix_is_the_view_of_the_store(card, frozen):
    _, sections, _ = card
    mix = store.select(frozen.warehouse, "FROM dataset_mix").to_dicts()
    assert table(sections["Mix"]) == {
        f"{row['area']}/{row['kind']}": {
            name: "" if row[name] is None else str(row[name])
            for name in ("train_rows", "validation_rows", "dropped", "copies", "share_shown")
        }
        for row in mix
    }


def test_sources_come_with_their_days_and_chats_that_are_gone_are_counted(card):
    _, sections, _ = card
    found = table(sections["Sources"].split("The answers")[0])
    assert {
        name: (row["chats"], row["train_rows"], row["first_day"]) for name, row in found.items()
    } == {
        "logs": ("4", "4", "2026-03-02"),
        "no longer stored": ("16", "15", "2026-03-02"),
    }


def test_drops_and_eval_sets_are_counted(frozen, tmp_path, cfg, keep, kept):
    (tmp_path / "exam.jsonl").write_text('{"prompt": "Why is grass green?"}')
    add_eval_set(cfg, "exam-1", tmp_path / "exam.jsonl")
    keep(cfg, kept("a1", "Why is grass green?"), kept("a2", "How?"), kept("a3", "What?", " "))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    front, sections = read(tmp_path / "out")
    assert (
        "these eval sets, or a twin of one, in any turn: exam-1 (1 prompts)."
        in (sections["Decontamination"])
    )
    dropped = {why: int(row["rows"]) for why, row in table(sections["Decontamination"]).items()}
    assert dropped == {"leak": 1, "empty_answer": 1}
    assert front["license"] == "unknown"
    assert "unknown: ask who collected the logs" in sections["Licence and consent"]


def test_an_extra_set_is_a_source_with_its_own_licence(tmp_path, cfg, keep, kept):
    (tmp_path / "set.jsonl").write_text('{"prompt": "Why is grass green?", "answer": "So."}')
    general = {"name": "general", "path": tmp_path / "set.jsonl", "license": "Apache-2.0"}
    keep(cfg, kept("a1", "Why is the sky blue?"))
    dataset = DatasetSettings(validation_share=0, extra=(general,))
    freeze(cfg.warehouse, prepare(cfg.model_copy(update={"dataset": dataset})), "v1")
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    _, sections = read(tmp_path / "out")
    assert "Licence of the extra set general: Apache-2.0" in sections["Licence and consent"]
    sources = table(sections["Sources"].split("The answers")[0])
    assert sources["extra set general"]["train_rows"] == "1"


def test_private_values_are_counted_over_its_chats(cfg, keep, kept, offer, tmp_path):
    turns = kept("a1", "Why?"), kept("a1", "And why not?", turn=1)
    keep(cfg, *turns, kept("a2", "How?"), kept("a3", "Hm?", " "))
    for chat, count in {"a1": 2, "a2": 1, "a3": 9}.items():
        found = [{"kind": "EMAIL", "replaced": count}]
        offer(cfg, **{chat: None}, columns={"pii": found})
    freeze(cfg.warehouse, prepare(cfg), "v1")
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    _, sections = read(tmp_path / "out")
    assert table(sections["Private values"]) == {"EMAIL": {"replaced": "3", "chats": "2"}}


def test_what_a_format_left_out_is_in_the_card_with_its_meaning(written):
    out, done = written("sharegpt")
    _, sections = read(out)
    found = table(sections["Left out of this export"])
    assert {why: int(row["rows"]) for why, row in found.items()} == done.left_out.counts
    assert "speaks and calls a tool at once" in found["words_beside_a_call"]["means"]


def test_limits_count_rows_whose_history_would_be_trained_on(written):
    out, done = written("alpaca")
    talks = sum(split.talks for split in done.splits)
    assert talks == 1
    assert "1 rows hold earlier answers of the production model" in read(out)[1]["Known limits"]
    other, _ = written("prompt-completion", "other")
    assert "earlier answers" not in read(other)[1]["Known limits"]


@pytest.mark.parametrize(
    ("said", "hub"),
    [
        ("unknown: ask who collected the logs", {"license": "unknown"}),
        ("Apache-2.0", {"license": "apache-2.0"}),
        ("ours: internal use", {"license": "other", "license_name": "ours: internal use"}),
    ],
)
def test_a_licence_is_an_identifier_or_words(frozen, tmp_path, said, hub):
    data = frozen.dataset.model_copy(update={"license": said})
    cfg = frozen.model_copy(update={"dataset": data})
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    front, sections = read(tmp_path / "out")
    assert {name: front[name] for name in front if name.startswith("license")} == hub
    assert f"Licence: {said}" in sections["Licence and consent"]


@pytest.mark.parametrize(
    "value",
    [
        {"a": "no", "b": "1.0", "c": "x: y", "d": "n<1K", "e": True, "f": 3, "g": "漢\n字"},
        {"a": [{"b": [{"c": ["d", "e"]}], "f": {"g": "h"}}, {"i": "- j"}], "k": {"l": {"m": "#"}}},
    ],
    ids=["scalars", "nested"],
)
def test_the_yaml_reads_as_what_was_meant(value):
    assert yaml.safe_load(written_yaml(value)) == value
