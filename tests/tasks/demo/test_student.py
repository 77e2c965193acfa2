from importlib.util import find_spec

import pytest

pytestmark = pytest.mark.skipif(find_spec("torch") is None, reason="not run: no torch")

TEXTS = ["What is 12 + 30?", "把3公里换算成米", "감정 분류: 아주 좋았고", "cancel_order"] * 3


def make(folder, seed=1):
    from tasks.demo.student import StudentShape, make_base  # imports torch

    shape = StudentShape(vocabulary=300, width=32, layers=1, heads=2)
    return make_base(folder, TEXTS, seed, shape)


@pytest.fixture(scope="module")
def student(tmp_path_factory):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    folder = make(tmp_path_factory.mktemp("student") / "base")
    return AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)


def test_student_agrees_with_itself_about_stopping(student):
    from tasks.sft.tokens import disagreements

    assert disagreements(*student) == []


@pytest.mark.parametrize("text", [*TEXTS[:4], "never seen: 龘 🦉 ñ \n\t x"])
def test_any_text_comes_back_from_its_tokens(student, text):
    tokenizer, _ = student
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_each_digit_is_a_token(student):
    tokenizer, _ = student
    assert [tokenizer.decode([one]) for one in tokenizer("2026")["input_ids"]] == [*"2026"]


def test_a_turn_costs_a_role_and_an_end(student):
    tokenizer, _ = student
    said = [{"role": "system", "content": "a"}, {"role": "user", "content": "b"}]
    text = tokenizer.apply_chat_template(said, tokenize=False, add_generation_prompt=True)
    assert text == "<|system|>a<|end|><|user|>b<|end|><|assistant|>"
    assert len(tokenizer(text)["input_ids"]) == 7


def test_the_same_seed_writes_the_same_weights_and_another_seed_others(tmp_path):
    def weights(name, seed):
        return (make(tmp_path / name, seed) / "model.safetensors").read_bytes()

    assert weights("a", 1) == weights("b", 1)
    assert weights("a", 1) != weights("c", 2)
