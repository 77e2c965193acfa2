import pytest

from schemas.errors import StopTokenUnclear, TrainingError
from tasks.sft.tokens import agree, agree_on_stop, digest, disagreements, terminator

pytest.importorskip("torch", reason="not run: no torch")

# the shape of ChatML, as a base model ships it: turns end with a token that is not the eos
OTHER_END = "{% for m in messages %}<|user|>{{ m['content'] }}<|tool|>\n{% endfor %}"
END_OUTSIDE = (
    "{% for m in messages %}{% if m['role'] == 'assistant' %}<|assistant|>{% generation %}"
    "{{ m['content'] }}{% endgeneration %}<|end|>{% else %}<|user|>{{ m['content'] }}<|end|>"
    "{% endif %}{% endfor %}"
)
NO_ANSWERS = "{{ raise_exception('only questions') }}"
NO_END = "{% for m in messages %}<|user|>{{ m['content'] }}\n{% endfor %}"


def test_a_model_that_agrees_is_left_as_it_is(loaded):
    tokenizer, model = loaded
    assert disagreements(tokenizer, model) == []
    assert agree(tokenizer, model).stop == "<|end|>"
    assert tokenizer.pad_token == "<|pad|>"
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id


def test_another_end_of_turn_becomes_the_end_token_everywhere(loaded):
    tokenizer, model = loaded
    old = tokenizer.eos_token_id
    tokenizer.chat_template = OTHER_END
    assert len(disagreements(tokenizer, model)) == 2
    assert agree(tokenizer, model).stop == "<|tool|>"
    new = tokenizer.convert_tokens_to_ids("<|tool|>")
    assert tokenizer.eos_token_id == model.config.eos_token_id == new == terminator(tokenizer)
    assert model.generation_config.eos_token_id == [new, old]
    assert agree_on_stop(tokenizer, model) == {new, old}


def test_an_end_that_the_tokenizer_added_without_calling_it_special_is_one(loaded):
    tokenizer, model = loaded
    tokenizer.add_tokens(["<turn/>"])
    tokenizer.chat_template = NO_END.replace("\n", "<turn/>")
    assert agree(tokenizer, model).stop == "<turn/>"


def test_an_end_outside_the_generation_markers_is_refused(loaded):
    tokenizer, model = loaded
    tokenizer.chat_template = END_OUTSIDE
    with pytest.raises(StopTokenUnclear, match=r"outside the template's {% gen"):
        agree(tokenizer, model)


@pytest.mark.parametrize(
    ("template", "seen"),
    [
        (NO_END, "not with one special token"),
        (NO_END.replace("\\n", "<|end|>Now you."), "not with one special token"),
        (NO_ANSWERS, "refuses a chat of one question and its answer: only questions"),
        (None, "no chat template"),
    ],
)
def test_a_template_that_ends_no_turn_is_refused(loaded, template, seen):
    tokenizer, model = loaded
    tokenizer.chat_template = template
    with pytest.raises(StopTokenUnclear, match=seen):
        agree(tokenizer, model)


def test_what_is_wrong_is_said_in_words(loaded):
    tokenizer, model = loaded
    tokenizer.pad_token = None
    tokenizer.add_tokens(["one too many"])
    wrong = " | ".join(disagreements(tokenizer, model))
    assert "no padding token" in wrong
    assert "tokens but" in wrong


def test_a_tokenizer_of_another_model_is_refused_and_added_tokens_are_not(loaded):
    tokenizer, model = loaded
    rows = len(tokenizer)
    model.resize_token_embeddings(rows)
    tokenizer.add_tokens(["<|new|>"], special_tokens=True)
    agree(tokenizer, model)
    assert model.get_input_embeddings().weight.shape[0] >= rows + 1
    model.resize_token_embeddings(rows - 5)
    with pytest.raises(TrainingError, match="5 words have none, so they do not belong together"):
        agree(tokenizer, model)


def test_a_tokenizer_has_one_hash_wherever_it_lies_and_another_with_another_template(
    loaded, base, tmp_path
):
    from tasks.sft.load import tokenizer_of

    tokenizer, _ = loaded
    tokenizer.save_pretrained(tmp_path)
    before = digest(tokenizer)
    assert before == digest(tokenizer_of(str(tmp_path))) == digest(tokenizer_of(str(base)))
    tokenizer.chat_template = OTHER_END
    assert digest(tokenizer) != before
