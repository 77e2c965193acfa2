import pytest

from schemas.errors import PadEqualsEos, StopTokenUnclear
from tasks.sft.tokens import RESERVED, agree, agree_on_stop, disagreements, terminator

pytest.importorskip("torch", reason="not run: no torch")

# the shape of ChatML, as a base model ships it: turns end with a token that is not the eos
OTHER_END = "{% for m in messages %}<|user|>{{ m['content'] }}<|tool|>\n{% endfor %}"
END_OUTSIDE = (
    "{% for m in messages %}{% if m['role'] == 'assistant' %}<|assistant|>{% generation %}"
    "{{ m['content'] }}{% endgeneration %}<|end|>{% else %}<|user|>{{ m['content'] }}<|end|>"
    "{% endif %}{% endfor %}"
)
NO_END = "{% for m in messages %}<|user|>{{ m['content'] }}\n{% endfor %}"


def test_a_model_that_agrees_is_left_as_it_is(loaded):
    tokenizer, model = loaded
    assert disagreements(tokenizer, model) == []
    assert agree(tokenizer, model) == "<|end|>"
    assert tokenizer.pad_token == "<|pad|>"
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id


def test_padding_with_the_end_token_is_refused_with_cause_and_fix(loaded):
    tokenizer, model = loaded
    tokenizer.pad_token = tokenizer.eos_token
    with pytest.raises(PadEqualsEos, match=r"never learns to stop.*`pad_token` to '<\|pad\|>'"):
        agree(tokenizer, model)


def test_padding_with_another_token_that_generation_stops_on_is_replaced(loaded):
    tokenizer, model = loaded
    tokenizer.pad_token = "<|tool|>"
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, tokenizer.pad_token_id]
    agree(tokenizer, model)
    assert tokenizer.pad_token == "<|pad|>"
    assert disagreements(tokenizer, model) == []


def test_an_end_token_cannot_be_chosen_for_padding(loaded):
    with pytest.raises(PadEqualsEos, match=r"`pad_token` '<\|end\|>' is an end token"):
        agree(*loaded, pad_token="<|end|>")


def test_a_chosen_padding_token_mends_pad_equals_eos(loaded):
    tokenizer, model = loaded
    tokenizer.pad_token = tokenizer.eos_token
    agree(tokenizer, model, pad_token="<|pad|>")
    assert disagreements(tokenizer, model) == []
    assert model.config.pad_token_id == tokenizer.convert_tokens_to_ids("<|pad|>")
    assert model.generation_config.pad_token_id == model.config.pad_token_id


def test_a_token_that_the_vocabulary_lacks_is_added_and_the_embeddings_grow(loaded):
    tokenizer, model = loaded
    before = model.get_input_embeddings().weight.detach().clone()
    agree(tokenizer, model, pad_token="<|filler|>")
    after = model.get_input_embeddings().weight
    assert tokenizer.pad_token_id == len(tokenizer) - 1 == len(before)
    assert after.shape[0] == model.config.vocab_size >= len(tokenizer)
    assert after.shape[0] % 64 == 0
    assert after[: len(before)].equal(before)


def test_a_tokenizer_without_padding_takes_a_token_held_in_reserve(loaded):
    tokenizer, model = loaded
    tokenizer.add_special_tokens({"additional_special_tokens": [RESERVED[1]]})
    model.resize_token_embeddings(len(tokenizer))
    tokenizer.pad_token = None
    agree(tokenizer, model)
    assert tokenizer.pad_token == RESERVED[1]


def test_another_end_of_turn_becomes_the_end_token_everywhere(loaded):
    tokenizer, model = loaded
    old = tokenizer.eos_token_id
    tokenizer.chat_template = OTHER_END
    assert len(disagreements(tokenizer, model)) == 2
    assert agree(tokenizer, model) == "<|tool|>"
    new = tokenizer.convert_tokens_to_ids("<|tool|>")
    assert tokenizer.eos_token_id == model.config.eos_token_id == new == terminator(tokenizer)
    assert model.generation_config.eos_token_id == [new, old]
    assert agree_on_stop(tokenizer, model) == {new, old}


def test_an_end_outside_the_generation_markers_is_refused(loaded):
    tokenizer, model = loaded
    tokenizer.chat_template = END_OUTSIDE
    with pytest.raises(StopTokenUnclear, match=r"outside the template's {% gen"):
        agree(tokenizer, model)


@pytest.mark.parametrize(
    ("template", "seen"), [(NO_END, "not with one special token"), (None, "no chat template")]
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
