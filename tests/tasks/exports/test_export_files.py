"""What lies where: shards, order, copies, text as it is, and nothing that is half written."""

import json
from hashlib import sha256
from itertools import pairwise
from pathlib import Path

import polars as pl
import pytest

from schemas.errors import DatasetError, SettingsError
from tasks.adapters import store
from tasks.datasets.versions import freeze
from tasks.exam import add_eval_set
from tasks.exports import export as exporting
from tasks.exports.export import export
from tasks.exports.wanted import Wanted
from tasks.upsample import prepare

CJK = "漢字と한글, «naïve» 🙂"
BREAKS = 'one\u2028two\u2029three\x85four\x1cfive\r\nsix\t"seven" \\u0041'
FORMATS = ("messages", "prompt-completion", "alpaca", "sharegpt", "openai")


def files(out):
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*.*")}


def ids(out, split="train"):
    lines = [path.read_text("utf-8") for path in sorted((out / split).iterdir())]
    return [json.loads(line)["id"] for text in lines for line in text.split("\n")[:-1]]


@pytest.mark.parametrize("format", FORMATS)
def test_every_script_and_line_separator_reads_as_it_was_said(lines, format):
    text = json.dumps(lines(format), ensure_ascii=False)
    for said in (CJK, BREAKS):
        assert json.dumps(said, ensure_ascii=False)[1:-1] in text


def test_no_reader_of_lines_cuts_a_row_and_scripts_are_not_escaped(written):
    out, done = written("messages", "rows.jsonl")
    text = out.read_text(encoding="utf-8")
    assert len(text.splitlines()) == done.splits[0].rows
    assert CJK in text


@pytest.mark.parametrize(("size", "shards"), [(None, 1), (10, 3), (21, 1), (1, 21)])
def test_shards_are_named_as_on_the_hub_and_hold_all_rows_once(written, size, shards):
    whole, _ = written("messages", "whole")
    out, done = written("messages", "parts", rows_per_file=size)
    assert sorted(path.name for path in (out / "train").iterdir()) == [
        f"train-{n:05}-of-{shards:05}.jsonl" for n in range(shards)
    ]
    assert ids(out) == ids(whole)
    assert len(ids(out)) == done.splits[0].rows == 21


def test_the_same_export_twice_is_the_same_bytes(written):
    for parquet in (False, True):
        first, _ = written("messages", f"first{parquet}", parquet=parquet, rows_per_file=5)
        again, _ = written("messages", f"again{parquet}", parquet=parquet, rows_per_file=5)
        assert files(first) == files(again)


def test_copies_are_repeated_and_spread_over_the_epoch(cfg, keep, kept, tmp_path):
    keep(cfg, *(kept(f"a{n}", f"Question {n}?") for n in range(99)))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    with store.writing(cfg.warehouse) as con:
        con.execute("UPDATE sft_rows SET copies = 5 WHERE answer_id = 'a50-0-0'")
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    found = ids(tmp_path / "out")
    places = [at for at, id_ in enumerate(found) if id_ == "a50-0-0"]
    assert len(places) == 5
    assert all(5 < after - before < 40 for before, after in pairwise(places))  # 20 on average


def test_the_seed_decides_the_order(written, frozen, tmp_path):
    out, _ = written("messages")
    other = frozen.model_copy(update={"dataset": frozen.dataset.model_copy(update={"seed": 8})})
    export(other, Wanted("v1", "messages", tmp_path / "other"))
    assert ids(tmp_path / "other") != ids(out)
    assert sorted(ids(tmp_path / "other")) == sorted(ids(out))


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet"])
def test_a_row_may_be_written_once_with_its_copies(written, name):
    out, done = written("messages", name, once=True)
    rows = pl.read_parquet(out) if out.suffix == ".parquet" else pl.read_ndjson(out)
    assert rows.height == rows["id"].n_unique() == done.splits[0].distinct == 19
    assert rows["copies"].sum() == 21


def test_one_file_is_one_split_and_has_no_card(written, tmp_path):
    out, done = written("messages", "held.jsonl", split="validation")
    assert [(split.name, split.rows) for split in done.splits] == [("validation", 1)]
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_an_export_that_dies_leaves_what_was_there(written, frozen, tmp_path, monkeypatch):
    out, _ = written("messages")
    before = files(out)
    monkeypatch.setattr(exporting, "seal", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        written("alpaca")
    assert files(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_earlier_export_is_replaced_by_the_next(written):
    written("alpaca", rows_per_file=2)
    out, _ = written("messages")
    assert {path.name for path in out.iterdir()} == {
        *("README.md", "export.json", "train", "validation")
    }


def test_a_folder_with_anything_else_is_refused_and_left_alone(written, tmp_path):
    out, _ = written("messages")
    (out / "train" / "notes.txt").write_text("mine")
    before = files(out)
    with pytest.raises(DatasetError, match=r"out is not empty, and train/notes.txt in it is of no"):
        written("messages")
    assert files(out) == before
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("mine")
    with pytest.raises(DatasetError, match=r"a.txt in it is of no earlier export"):
        written("messages", "letters")


def test_a_folder_where_a_file_is_cannot_be_written(written, tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DatasetError, match="file is a file; a folder of files and a card is"):
        written("messages", "file")
    with pytest.raises(DatasetError, match=r"cannot write .*file/out: "):
        written("messages", "file/out")


def test_an_empty_folder_is_taken(written, tmp_path):
    (tmp_path / "out").mkdir()
    out, _ = written("messages")
    assert (out / "README.md").exists()


def test_the_manifest_lists_every_file_with_its_hash(written):
    out, _ = written("sharegpt", rows_per_file=9)
    listed = json.loads((out / "export.json").read_text())
    assert listed["files"] == {
        name: sha256(body).hexdigest() for name, body in files(out).items() if name != "export.json"
    }
    assert listed["left_out"] == {"roles_out_of_turn": 3, "words_beside_a_call": 1}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"format": "xml"}, "--format xml: wanted messages or prompt-completion or alpaca or"),
        ({"split": "test"}, "--split test: wanted train or validation or all"),
        ({"out": Path("x.jsonl"), "split": "all"}, "is one file: --split all and --rows-per-file"),
        ({"out": Path("x.jsonl"), "rows_per_file": 3}, "need a folder, such as --out x"),
        ({"out": Path("x.jsonl"), "parquet": True}, "name it .parquet"),
        ({"rows_per_file": 0}, "--rows-per-file: wanted at least 1"),
        ({"format": "openai", "parquet": True}, "openai is JSON lines without further columns"),
        ({"format": "openai", "once": True}, "leave out --parquet and --once"),
    ],
    ids=str,
)
def test_options_that_do_not_go_together_say_what_does(frozen, options, said):
    wanted = Wanted(**{"version": "v1", "format": "messages", "out": Path("x"), **options})
    with pytest.raises(SettingsError, match=said):
        export(frozen, wanted)


def test_a_split_without_rows_is_no_file_and_nothing_at_all_is_an_error(cfg, keep, kept, tmp_path):
    keep(cfg, kept("a1", "Why?"))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    assert not (tmp_path / "out" / "validation").exists()
    held = Wanted("v1", "messages", tmp_path / "held.jsonl", "validation")
    with pytest.raises(DatasetError, match="no row to write as messages: it has none in v"):
        export(cfg, held)


def test_a_prompt_of_an_eval_set_that_came_later_is_left_out_with_its_copies(
    cfg, keep, kept, tmp_path
):
    keep(
        cfg,
        kept("a1", "Why is grass green?"),
        kept("a2", "How?", before=("why is GRASS green", "So")),
        kept("a3", "What now?"),
    )
    freeze(cfg.warehouse, prepare(cfg), "v1")
    (tmp_path / "exam.jsonl").write_text('{"prompt": "Why is grass green?"}')
    add_eval_set(cfg, "exam-1", tmp_path / "exam.jsonl")
    with store.writing(cfg.warehouse) as con:
        con.execute("UPDATE sft_rows SET copies = 3 WHERE answer_id = 'a1-0-0'")
    done = export(cfg, Wanted("v1", "messages", tmp_path / "rows.jsonl"))
    assert done.left_out.summary() == "leak 2 (a2-0-0, a1-0-0)"
    assert done.splits[0].rows == 1


def test_an_export_leaves_the_engine_the_memory_it_had(frozen, written):
    def limit():
        with store.reading(frozen.warehouse) as con:
            return store.frame(con, "SELECT current_setting('memory_limit') AS memory").item()

    before = limit()
    written("messages")
    assert limit() == before
