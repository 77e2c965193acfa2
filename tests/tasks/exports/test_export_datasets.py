"""Hugging Face `datasets` loads every export, with its card and without."""

import json

import pytest

from tasks.datasets.versions import freeze
from tasks.exports.export import export
from tasks.exports.wanted import Wanted
from tasks.upsample import prepare

datasets = pytest.importorskip("datasets", reason="not run: no datasets")

FORMATS = ("messages", "prompt-completion", "alpaca", "sharegpt", "openai")


@pytest.fixture(autouse=True)
def quietly():
    datasets.disable_progress_bars()


@pytest.fixture
def load(tmp_path):
    def read(*about, **options):
        return datasets.load_dataset(*about, cache_dir=str(tmp_path / "cache"), **options)

    return read


def without_blanks(row):
    """A column that a row lacks reads as None."""
    return {name: value for name, value in row.items() if value is not None}


def rows_of(out, split):
    for path in sorted((out / split).iterdir()):
        for line in path.read_text(encoding="utf-8").split("\n")[:-1]:
            yield json.loads(line)


@pytest.mark.parametrize("size", [None, 3], ids=["one file", "shards"])
@pytest.mark.parametrize("format", FORMATS)
def test_a_folder_loads_with_its_splits_and_every_row_reads_as_it_was_written(
    written, load, format, size
):
    out, done = written(format, rows_per_file=size)
    found = load(str(out))
    assert {name: rows.num_rows for name, rows in found.items()} == {
        split.name: split.rows for split in done.splits
    }
    for split, rows in found.items():
        assert [without_blanks(row) for row in rows] == [
            without_blanks(row) for row in rows_of(out, split)
        ]


@pytest.mark.parametrize("format", ["messages", "prompt-completion", "alpaca", "sharegpt"])
def test_parquet_holds_the_same_rows_in_the_same_order_as_json_lines(written, load, format):
    lines, _ = written(format, "lines", rows_per_file=7)
    table, _ = written(format, "table", rows_per_file=7, parquet=True)
    assert {path.suffix for path in (table / "train").iterdir()} == {".parquet"}
    as_lines, as_table = load(str(lines)), load(str(table))
    assert as_table["train"].features == as_lines["train"].features
    assert list(as_table["train"]) == list(as_lines["train"])


@pytest.mark.parametrize("format", ["messages", "prompt-completion", "alpaca", "sharegpt"])
def test_parquet_says_what_it_holds_without_a_card(written, load, format):
    lines, _ = written(format, "lines")
    out, _ = written(format, "rows.parquet")
    found = load("parquet", data_files=str(out), split="train")
    assert found.features == load(str(lines), split="train").features


@pytest.mark.parametrize("format", FORMATS)
def test_shards_load_without_the_card_as_their_first_rows_fill_every_column(written, load, format):
    out, done = written(format, rows_per_file=2)
    files = [str(path) for path in sorted((out / "train").iterdir())]
    found = load("json", data_files=files, split="train")
    assert len(found) == done.splits[0].rows


@pytest.mark.parametrize("wide", ["tools", "calls"])
def test_one_row_that_fills_more_columns_stands_before_those_that_do_not(
    cfg, keep, kept, offer, tmp_path, wide
):
    rows = [kept(f"a{n}", f"Question {n}?") for n in range(30)]
    if wide == "calls":
        rows[20]["messages"] = [dict(rows[20]["messages"][0], name="ann")]
    keep(cfg, *rows)
    offer(cfg, a20='[{"name": "clock"}]' if wide == "tools" else None)
    freeze(cfg.warehouse, prepare(cfg), "v1")
    export(cfg, Wanted("v1", "messages", tmp_path / "rows.jsonl"))
    first, *_ = (tmp_path / "rows.jsonl").read_text("utf-8").split("\n")
    assert json.loads(first)["id"] == "a20-0-0"


def test_messages_that_are_nothing_but_words_are_declared_so(cfg, keep, kept, tmp_path, load):
    keep(cfg, kept("a1", "Why?", "So."))
    freeze(cfg.warehouse, prepare(cfg), "v1")
    export(cfg, Wanted("v1", "messages", tmp_path / "out"))
    found = load(str(tmp_path / "out"))
    text = datasets.Value("string")
    said = datasets.List({"role": text, "content": text})
    assert dict(found["train"].features) == {"id": text, "messages": said}
