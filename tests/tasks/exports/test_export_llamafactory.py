"""LLaMA-Factory finds and reads the exports that are made for it.

Its own code is asked where it is installed (it pins other versions of transformers and trl than
this project, so CI does not); its rules, read from release 0.9.5, are held to everywhere.
"""

import json
import os
from types import SimpleNamespace

import pytest

HEARD, SPOKEN = {"human", "observation"}, {"gpt", "function_call"}
COLUMNS = {"prompt", "query", "response", "history", "messages", "system", "tools"}


def named(out, split="train"):
    """What dataset_info.json says of a split, and the rows it names."""
    [entry] = [one for name, one in info(out).items() if name.endswith(split)]
    place = out / entry["file_name"]
    files = sorted(place.iterdir()) if place.is_dir() else [place]
    assert {path.suffix for path in files} == {".jsonl"}
    lines = [line for path in files for line in path.read_text("utf-8").split("\n")[:-1]]
    return entry, [json.loads(line) for line in lines]


def info(out):
    return json.loads((out / "dataset_info.json").read_text("utf-8"))


@pytest.mark.parametrize("format", ["alpaca", "sharegpt"])
def test_each_split_is_named_with_columns_that_its_rows_have(written, format):
    out, done = written(format, rows_per_file=4)
    assert list(info(out)) == ["v1_train", "v1_validation"]
    entry, rows = named(out)
    assert len(rows) == done.splits[0].rows
    assert set(entry["columns"]) <= COLUMNS
    assert all(set(entry["columns"].values()) <= set(row) for row in rows)


def test_alpaca_rows_are_texts_and_their_history_is_pairs_of_texts(written):
    _, rows = named(written("alpaca")[0])
    for row in rows:
        assert all(isinstance(row[name], str) for name in ("instruction", "output", "system"))
        assert all(len(pair) == 2 for pair in row["history"])
        assert all(isinstance(text, str) for pair in row["history"] for text in pair)


def test_sharegpt_turns_alternate_and_end_with_the_answer(written):
    _, rows = named(written("sharegpt")[0])
    for row in rows:
        turns = row["conversations"]
        assert len(turns) % 2 == 0
        assert all(turn["from"] in (SPOKEN if at % 2 else HEARD) for at, turn in enumerate(turns))
        assert turns[-1]["from"] == "gpt"


def test_sharegpt_calls_and_tools_are_json_that_its_templates_read(written):
    _, rows = named(written("sharegpt")[0])
    tools = [tool for row in rows if row["tools"] for tool in json.loads(row["tools"])]
    assert [tool["parameters"]["properties"] for tool in tools] == [{}]
    turns = [turn for row in rows for turn in row["conversations"]]
    called = [json.loads(turn["value"]) for turn in turns if turn["from"] == "function_call"]
    assert [[set(call) for call in calls] for calls in called] == [[{"name", "arguments"}]]


@pytest.mark.parametrize("format", ["alpaca", "sharegpt"])
def test_its_own_converter_skips_no_row(written, format, tmp_path):
    converter = pytest.importorskip(
        "llamafactory.data.converter", reason="not run: no llamafactory"
    )
    from datasets import load_dataset
    from llamafactory.data.parser import get_dataset_list

    out, done = written(format)
    [about] = get_dataset_list(["v1_train"], str(out))
    names = os.listdir(out / about.dataset_name)
    files = [str(out / about.dataset_name / name) for name in names]
    rows = load_dataset("json", data_files=files, split="train", cache_dir=str(tmp_path / "c"))
    kind = {"alpaca": "AlpacaDatasetConverter", "sharegpt": "SharegptDatasetConverter"}[format]
    convert = getattr(converter, kind)(about, SimpleNamespace(media_dir=""))
    read = [convert(row) for row in rows]
    assert len(read) == done.splits[0].rows
    assert all(len(one["_prompt"]) % 2 == 1 and one["_response"] for one in read)
    [system] = {one["_system"] for one in read if "about system?" in str(one["_prompt"])}
    assert system == "Be brief."
