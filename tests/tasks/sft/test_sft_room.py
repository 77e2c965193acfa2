"""Answers end where the positions of a model do."""

import json

import pytest

from schemas.errors import TrainingError, TrainingFailed
from tasks.sft.spec import StopRate

pytest.importorskip("torch", reason="not run: no torch")


@pytest.fixture
def gpt2(tmp_path, intents, monkeypatch):
    """Make a base model with 128 learned positions: one more is an error of its embeddings."""
    from benchmarks import sft_bases

    kind, shape = sft_bases.FAMILIES["gpt2"]
    monkeypatch.setitem(sft_bases.FAMILIES, "gpt2", (kind, {**shape, "n_positions": 128}))
    tokenizer = sft_bases.TOKENIZERS["gpt-2: no template, no pad, unk = bos = eos"][1](
        text for one in intents for text in (one.prompt, one.answer)
    )
    return str(sft_bases.make(tmp_path / "base", "gpt2", tokenizer))


@pytest.fixture
def loaded(gpt2):
    from tasks.sft.load import tokenizer_of, weights_of
    from tasks.sft.tokens import agree

    tokenizer, model = tokenizer_of(gpt2), weights_of(gpt2, "auto")
    agree(tokenizer, model)
    return tokenizer, model


def test_prompts_are_grouped_by_the_tokens_that_each_may_get(loaded):
    from tasks.sft.room import by_room

    assert by_room(loaded[1], [10, 100, 20, 128, 127, 300], 64) == {64: [0, 2], 28: [1], 1: [4]}


def test_the_stop_rate_is_measured_where_prompts_fill_the_positions(loaded):
    from array import array

    from tasks.sft.rows import Encoded
    from tasks.sft.stopping import stop_rate

    prompts = [Encoded(array("i", [5] * tokens), tokens - 30) for tokens in (40, 150, 158)]
    found = stop_rate(loaded[1], loaded[0], prompts, 7)
    assert (found.prompts, found.step, type(found)) == (3, 7, StopRate)


def ask(model, folder, *prompts):
    from tasks.sft.generate import AnswerSpec
    from tasks.sft.greedy import greedy_answers

    told = {"model": model, "answers": folder / "answers", "batch_rows": 3, "threads": 1}
    spec = AnswerSpec(**told, prompts=folder / "prompts", max_new_tokens=256)
    lines = (json.dumps(one, ensure_ascii=False) for one in prompts)
    spec.prompts.write_text("\n".join(lines), encoding="utf-8")
    return greedy_answers(spec, lambda _: None)


def test_an_answer_ends_with_the_positions_and_a_full_prompt_gets_none(gpt2, tmp_path):
    asked = [[{"role": "user", "content": text}] for text in ("hi", "alarm " * 200, "hi\u2028you")]
    short, full, other = ask(gpt2, tmp_path, *asked)
    assert full == ("", False, 0)
    assert 0 < short.new_tokens < 128
    assert 0 < other.new_tokens < 128


def test_a_prompt_that_the_template_refuses_is_one_line_with_its_turns_and_the_fix(gpt2, tmp_path):
    from tasks.sft.load import tokenizer_of

    tokenizer = tokenizer_of(gpt2)
    refusal = "{{ raise_exception('System role not supported') }}"
    no_system = f"{{% if messages[0].role == 'system' %}}{refusal}{{% endif %}}"
    tokenizer.chat_template = no_system + tokenizer.chat_template
    tokenizer.save_pretrained(gpt2)
    asked = [{"role": "user", "content": "hi"}]
    system = {"role": "system", "content": "Be brief."}
    with pytest.raises(TrainingError, match=r"prompt 2.* turns system, user: System role") as told:
        ask(gpt2, tmp_path, asked, [system, *asked])
    assert "eval set" in told.value.fix


def test_too_little_memory_for_answers_is_one_line_with_settings_of_evaluate(
    gpt2, tmp_path, monkeypatch
):
    from tasks.sft import greedy

    def generate(*_):
        raise RuntimeError("CUDA out of memory. Tried to allocate 20 GiB")

    monkeypatch.setattr(greedy, "_generate", generate)
    with pytest.raises(TrainingFailed, match=r"too little memory.*`batch_rows` or .* \[evaluate\]"):
        ask(gpt2, tmp_path, [{"role": "user", "content": "hi"}])
