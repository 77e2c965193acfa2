import json

import pytest

from tasks.sft.rows import encode, keep, read_rows

pytest.importorskip("torch", reason="not run: no torch")

ASK = {"role": "user", "content": "Intent: Cancel the lamp I ordered today."}
ANSWER = {"role": "assistant", "content": "cancel_order"}


@pytest.fixture
def rows(tmp_path):
    def read(*said):
        path = tmp_path / "rows.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in said), encoding="utf-8")
        return list(read_rows(path))

    return read


@pytest.fixture
def tokenizer(loaded):
    return loaded[0]


def test_copies_and_id_may_be_absent(rows):
    [row] = rows({"prompt": [ASK], "completion": [ANSWER]})
    assert (row.row, row.id, row.copies) == (0, None, 1)


def test_keys_without_a_value_are_left_out(rows):
    [row] = rows({"prompt": [ASK | {"name": None}], "completion": [ANSWER], "copies": 3})
    assert row.prompt == [ASK]
    assert row.copies == 3


def test_lengths_are_those_of_the_chat_template(rows, tokenizer):
    [row] = rows({"prompt": [ASK], "completion": [ANSWER]})
    answer = tokenizer(ANSWER["content"])["input_ids"]
    encoded = encode(tokenizer, row)
    assert encoded.label_tokens == len(answer) + 1
    assert encoded.tokens == 3 + len(tokenizer(ASK["content"])["input_ids"]) + len(answer) + 1


def test_an_over_long_row_is_dropped_whole_with_its_reason(rows, tokenizer):
    long = {"role": "assistant", "content": "cancel_order " * 50}
    given = rows(
        {"id": "short", "prompt": [ASK], "completion": [ANSWER]},
        {"id": "long", "prompt": [ASK], "completion": [long]},
    )
    kept, [gone] = keep(tokenizer, iter(given), max_tokens=64)
    assert [row.id for row, _ in kept] == ["short"]
    assert (gone.id, gone.row, gone.reason) == ("long", 1, "too_long")
    assert gone.tokens == encode(tokenizer, given[1]).tokens > 64


def test_a_row_of_just_the_limit_is_kept(rows, tokenizer):
    given = rows({"prompt": [ASK], "completion": [ANSWER]})
    limit = encode(tokenizer, given[0]).tokens
    assert len(keep(tokenizer, iter(given), limit)[0]) == 1
    assert len(keep(tokenizer, iter(given), limit - 1)[0]) == 0


@pytest.mark.parametrize("completion", [[], [ANSWER | {"content": " \n"}]])
def test_an_empty_answer_is_dropped(rows, tokenizer, completion):
    given = rows({"prompt": [ASK], "completion": completion})
    assert keep(tokenizer, iter(given), 64)[1][0].reason == "empty_answer"


def test_a_prompt_that_the_template_rewrites_is_dropped(rows, tokenizer):
    tokenizer.chat_template = tokenizer.chat_template.replace(
        "{% if add_generation_prompt %}<|assistant|>", "{% if add_generation_prompt %}<|tool|>"
    )
    given = rows({"prompt": [ASK], "completion": [ANSWER]})
    assert keep(tokenizer, iter(given), 64)[1][0].reason == "prompt_not_kept"
