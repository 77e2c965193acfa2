import json

import pytest

from schemas.errors import TrainingError
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


def answer(text):
    return {"role": "assistant", "content": text}


def learned(tokenizer, row):
    """The texts that carry loss, each with the end of its turn."""
    encoded = encode(tokenizer, row)
    spans = [*encoded.earlier, (encoded.prompt_tokens, encoded.tokens)]
    assert sum(end - begin for begin, end in spans) == encoded.label_tokens
    assert label_places(encoded) == [place for span in spans for place in range(*span)]
    return [tokenizer.decode(encoded.ids[begin:end]).replace(" ", "") for begin, end in spans]


def label_places(encoded):
    from tasks.sft.prepare import dataset

    [row] = dataset([encoded])
    places = [place for place, label in enumerate(row["labels"]) if label != -100]
    assert all(row["labels"][place] == row["input_ids"][place] for place in places)
    return places


@pytest.mark.parametrize(
    ("turns", "texts"),
    [(None, ["cancel"]), ([1], ["refund", "cancel"]), ([1, 3], ["refund", "cancel", "cancel"])],
    ids=["last", "chosen", "all"],
)
def test_only_the_chosen_answers_carry_loss(rows, tokenizer, turns, texts):
    said = [answer("refund"), answer("cancel")]
    talk = [ASK, said[0], ASK, said[1], ASK]
    given = rows({"prompt": talk, "completion": [answer("cancel")], "learned_turns": turns})
    assert learned(tokenizer, given[0]) == [f"{text}<|end|>" for text in texts]


CALLING = (
    "{% for m in messages %}<|{{ 'user' if m['role'] == 'tool' else m['role'] }}|>"
    "{{ m['content'] }}{% for call in m['tool_calls'] or [] %}"
    "{{ call['function']['name'] }}{% endfor %}"
    "<|end|>{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


def test_a_call_of_a_tool_can_be_learned_and_its_result_is_not(rows, tokenizer):
    tokenizer.chat_template = CALLING
    called = [{"type": "function", "id": "1", "function": {"name": "refund", "arguments": "{}"}}]
    call = {"role": "assistant", "content": "", "tool_calls": json.dumps(called)}
    talk = [ASK, call, {"role": "tool", "content": "lamp", "tool_call_id": "1"}]
    given = rows({"prompt": talk, "completion": [answer("cancel")], "learned_turns": [1]})
    assert learned(tokenizer, given[0]) == ["refund<|end|>", "cancel<|end|>"]


def test_what_ends_a_whole_chat_is_no_part_of_an_earlier_answer(rows, tokenizer):
    tokenizer.chat_template += "{% if not add_generation_prompt %}<|end|>{% endif %}"
    talk = [ASK, answer("refund"), ASK]
    given = rows({"prompt": talk, "completion": [answer("cancel")], "learned_turns": [1]})
    assert learned(tokenizer, given[0]) == ["refund<|end|>", "cancel<|end|><|end|>"]


def test_an_answer_that_the_template_shows_otherwise_later_is_dropped(rows, tokenizer):
    tokenizer.chat_template = tokenizer.chat_template.replace(
        "{{ message['content'] }}<|end|>{% endg",
        "{{ message['content'] if loop.last }}<|end|>{% endg",
    )
    talk = [ASK, answer("refund"), ASK]
    given = rows(
        {"prompt": talk, "completion": [answer("cancel")]},
        {"prompt": talk, "completion": [answer("cancel")], "learned_turns": [1]},
    )
    kept, [gone] = keep(tokenizer, iter(given), 64)
    assert ([row.row for row, _ in kept], gone.row, gone.reason) == ([0], 1, "prompt_not_kept")


def test_a_chat_that_the_template_refuses_is_dropped_and_the_others_are_kept(rows, tokenizer):
    tokenizer.chat_template = (
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system') }}{% endif %}"
        + tokenizer.chat_template
    )
    system = {"role": "system", "content": "Be kind."}
    given = rows(
        {"prompt": [system, ASK], "completion": [ANSWER]}, {"prompt": [ASK], "completion": [ANSWER]}
    )
    kept, [gone] = keep(tokenizer, iter(given), 64)
    assert [row.row for row, _ in kept] == [1]
    assert (gone.row, gone.reason, gone.tokens) == (0, "template_refuses", 0)


def test_a_template_that_trips_over_a_message_is_one_that_refuses(rows, tokenizer):
    tokenizer.chat_template += "{% for m in messages %}{{ '' if m.name is defined and 1 + 'a' }}"
    tokenizer.chat_template += "{% endfor %}"
    [row] = rows({"prompt": [ASK | {"name": "Ann"}], "completion": [ANSWER]})
    assert encode(tokenizer, row).wrong == "template_refuses"


@pytest.mark.parametrize(
    ("text", "wrong"), [("Yes.<|end|> No.", "stop_in_answer"), ("Yes.<|end|>", None)]
)
def test_an_answer_that_would_teach_to_go_on_after_its_end_is_dropped(rows, tokenizer, text, wrong):
    said = ANSWER | {"content": text}
    last, earlier = rows(
        {"prompt": [ASK], "completion": [said]},
        {"prompt": [ASK, said, ASK], "completion": [ANSWER], "learned_turns": [1]},
    )
    assert encode(tokenizer, last).wrong == encode(tokenizer, earlier).wrong == wrong
    asked = {"prompt": [ASK | {"content": text}], "completion": [ANSWER]}
    assert encode(tokenizer, *rows(asked)).wrong is None


@pytest.mark.parametrize("line", ['{"prompt": [], "com', '{"prompt": []}', "[1]", '{"prompt": 3}'])
def test_a_line_that_is_no_row_is_named(tmp_path, line):
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps({"prompt": [ASK], "completion": [ANSWER]}) + "\n" + line)
    with pytest.raises(TrainingError, match=r"rows\.jsonl:2 is no row to train on"):
        list(read_rows(path))


REFUND = [{"type": "function", "id": "1", "function": {"name": "refund", "arguments": "{}"}}]
CALLS = {"role": "assistant", "content": "", "tool_calls": json.dumps(REFUND)}
ON_OFFER = [{"type": "function", "function": {"name": "refund", "parameters": {}}}]
RESULT = {"role": "tool", "content": "lamp", "tool_call_id": "1"}


@pytest.mark.parametrize(
    ("shown", "reasons"),
    [
        ("", {"last": "call_not_rendered", "earlier": "call_not_rendered"}),
        ("{% for call in m.tool_calls or [] %}{{ call.function.name }}{% endfor %}", {}),
    ],
    ids=["calls left out", "calls shown"],
)
def test_an_answer_whose_call_the_template_leaves_out_is_dropped(rows, tokenizer, shown, reasons):
    tokenizer.chat_template = (
        "{% for t in tools or [] %}{{ t.function.name }}{% endfor %}{% for m in messages %}"
        "<|{{ 'user' if m.role == 'tool' else m.role }}|>{{ m.content }}" + shown + "<|end|>"
        "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
    )
    talk = {"prompt": [ASK, CALLS, RESULT], "completion": [ANSWER], "tools": ON_OFFER}
    given = rows(
        {"id": "last", "prompt": [ASK], "completion": [CALLS], "tools": ON_OFFER},
        {"id": "earlier", **talk, "learned_turns": [1]},
        {"id": "only history", **talk},
    )
    assert {gone.id: gone.reason for gone in keep(tokenizer, iter(given), 64)[1]} == reasons
