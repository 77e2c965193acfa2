import gzip
import json

import polars as pl
import pytest

from schemas.errors import DatasetError
from schemas.stages import RELEASE
from tasks.adapters import store
from tasks.datasets.external import external_turns
from tasks.fingerprint import chosen_settings
from tasks.kept_out import ENDINGS, content, files
from tasks.redaction.rules import BUILT_IN
from tasks.sources.files import ENDINGS as OF_LOGS
from tasks.upsample import upsample

EGG = "How do I boil an egg so that the yolk stays soft and bright in the middle?"


@pytest.fixture
def folder(tmp_path):
    """Return a folder with a set in each format, and a file that is none."""
    sets = tmp_path / "sets"
    (sets / "more").mkdir(parents=True)
    lines = [{"turns": [EGG, "And hard?"], "id": 7}, {"instruction": "Add", "input": "2 and 3"}]
    (sets / "bench.jsonl").write_text("\n\n".join(map(json.dumps, lines)) + "\n")
    (sets / "list.json").write_text(json.dumps([{"messages": [{"role": "user", "content": "Hi"}]}]))
    (sets / "table.csv").write_text('question,answer\n"Two\nlines",4\n')
    (sets / "more" / "plain.txt").write_text("法国的首都是哪里？\n\nSecond\n")
    pl.DataFrame({"prompt": ["Mail a@example.com"]}).write_parquet(sets / "columns.parquet")
    (sets / "README.md").write_text("no set")
    return sets


def test_every_format_is_read_with_its_place_and_redacted(folder):
    assert external_turns([folder], BUILT_IN) == {
        "bench/1": (EGG, "And hard?"),
        "bench/3": ("Add\n2 and 3",),
        "columns/1": ("Mail <EMAIL_1>",),
        "list/1": ("Hi",),
        "plain/1": ("法国的首都是哪里？",),
        "plain/3": ("Second",),
        "table/2": ("Two\nlines",),
    }


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.jsonl", '{"prompt": "Hi"}\n{broken', "a.jsonl:2: "),
        ("a.jsonl", "[1]", "a.jsonl:1: not_an_object"),
        ("a.jsonl", '{"asked": "Hi"}', "a.jsonl:1: no prompt; wanted one of messages"),
        ("a.jsonl", '{"turns": [1]}', "a.jsonl:1: `turns` holds no text"),
        ("a.jsonl", '{"prompt": " "}', "a.jsonl:1: `prompt` holds no text"),
        ("a.jsonl", '{"messages": ["Hi"]}', "a.jsonl:1: `messages` holds no text"),
        (
            "a.jsonl",
            '{"messages": [{"role": "system", "content": "x"}]}',
            "holds no text of a user",
        ),
        ("a.json", "{", "a.json:1: "),
        ("a.csv", "a,b\n1,2\n", "a.csv:.*no prompt"),
        ("a.parquet", "PAR0", "a.parquet"),
        ("a.jsonl.zst", "no zst", "a.jsonl.zst"),
        ("a.md", "Hi", "a.md is no file or folder with .jsonl"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path, name, text, said):
    (tmp_path / name).write_text(text)
    with pytest.raises(DatasetError, match=said):
        external_turns([tmp_path / name], BUILT_IN)


def test_a_folder_without_sets_is_refused(tmp_path):
    with pytest.raises(DatasetError, match="no file or folder"):
        files([tmp_path])


def test_files_of_one_name_hide_no_prompt_of_each_other(tmp_path):
    for name, prompt in (("a", "First"), ("b", "Second")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "test.jsonl").write_text(json.dumps({"prompt": prompt}))
    found = external_turns([tmp_path], BUILT_IN)
    assert found == {"test/1": ("First",), "test-2/1": ("Second",)}


def test_whatever_logs_may_be_in_an_eval_set_may_be_in_too(tmp_path):
    assert {*OF_LOGS} < {*ENDINGS}
    with gzip.open(tmp_path / "packed.jsonl.gz", "wt", encoding="utf-16") as file:
        file.write(json.dumps({"prompt": "안녕"}, ensure_ascii=False))
    assert external_turns([tmp_path], BUILT_IN) == {"packed/1": ("안녕",)}


def test_where_a_set_lies_decides_nothing_and_what_it_holds_does(folder, tmp_path):
    moved = tmp_path / "elsewhere.jsonl"
    moved.write_bytes((folder / "bench.jsonl").read_bytes())
    assert content([folder / "bench.jsonl"]) == content([moved])
    moved.write_text(json.dumps({"prompt": "Hi"}))
    assert content([folder / "bench.jsonl"]) != content([moved])


def test_prompts_of_an_external_set_are_not_trained_on(cfg, keep, kept, folder, run):
    keep(cfg, kept("a1", EGG), kept("a2", "Why?"), kept("a3", f"Somebody asks: {EGG}"))
    (folder / "bench.jsonl").write_text(json.dumps({"prompt": EGG}))
    out = cfg.dataset.model_copy(update={"keep_out": (folder / "bench.jsonl",)})
    kept_out = cfg.model_copy(update={"dataset": out})
    upsample.fn(run.model_copy(update={"cfg": kept_out}))
    drops = store.select(cfg.warehouse, "SELECT answer_id, reason, match FROM dataset_drops")
    assert sorted(drops.rows()) == [("a1-0-0", "leak", "bench/1"), ("a3-0-0", "leak", "bench/1")]
    settings = chosen_settings(RELEASE[0], kept_out)
    assert settings["dataset"]["keep_out"] == content([folder / "bench.jsonl"])
