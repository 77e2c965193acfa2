"""Which token pads, for every kind of tokenizer that a base model can come with."""

import pytest

from schemas.errors import PadEqualsEos, TrainingError
from tasks.sft import pad

pytest.importorskip("torch", reason="not run: no torch")

TEMPLATE = "{% for m in messages %}{{ m['content'] }}<eos>{% endfor %}"


@pytest.fixture(scope="module")
def tokenizer():
    """Make a tokenizer with these special tokens; `is_byte_level`: no text is unknown to it."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    def make(special=(), is_byte_level=True, **roles):
        model = Tokenizer(models.BPE(unk_token=roles.get("unk_token")))
        alphabet = []
        if is_byte_level:
            model.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
            model.decoder = decoders.ByteLevel()
            alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(
            vocab_size=300,
            special_tokens=["<eos>", *special],
            initial_alphabet=alphabet,
            show_progress=False,
        )
        model.train_from_iterator(["some words to know"], trainer)
        made = PreTrainedTokenizerFast(tokenizer_object=model, eos_token="<eos>", **roles)
        made.chat_template = TEMPLATE
        return made

    return make


def chosen(tokenizer, wanted=None, more_ends=()):
    ends = {tokenizer.eos_token_id, *map(tokenizer.convert_tokens_to_ids, more_ends)}
    return pad.choose(tokenizer, ends, wanted)


def test_a_padding_token_of_its_own_is_kept(tokenizer):
    found = chosen(tokenizer(["<p>", "<pad>"], pad_token="<p>"))
    assert found == ("<p>", "the tokenizer's own")


@pytest.mark.parametrize(
    "unused",
    [
        *("<|finetune_right_pad_id|>", "<|fim_pad|>", "<|vision_pad|>", "[PAD]", "<pad>"),
        *("<|reserved_special_token_7|>", "<|placeholder3|>", "[control_12]", "<unused4>"),
    ],
)
@pytest.mark.parametrize("own", [None, "<eos>"])
def test_else_a_token_is_taken_that_the_vocabulary_keeps_unused(tokenizer, unused, own):
    found = chosen(tokenizer(["<bos>", unused, "<|zz|>"], pad_token=own, bos_token="<bos>"))
    assert found.token == unused
    assert found.reason.startswith("unused in the vocabulary; ")
    assert ("<eos>, ends answers" in found.reason) == (own == "<eos>")


def test_a_token_made_to_pad_goes_before_one_in_reserve_and_low_ids_before_high_ones(tokenizer):
    reserve = ["<|reserved_special_token_9|>", "<|reserved_special_token_10|>"]
    assert chosen(tokenizer(reserve)).token == reserve[0]
    assert chosen(tokenizer([*reserve, "<|fim_pad|>"])).token == "<|fim_pad|>"


def test_a_token_that_the_template_uses_or_that_ends_answers_is_not_unused(tokenizer):
    made = tokenizer(["<unused0>", "<unused1>", "<unused2>"])
    made.chat_template = TEMPLATE + "<unused0>"
    assert chosen(made, more_ends=["<unused1>"]).token == "<unused2>"


def test_an_own_padding_token_that_also_ends_answers_is_replaced(tokenizer):
    made = tokenizer(["<p>"], pad_token="<p>")
    assert chosen(made, more_ends=["<p>"]).token == "<|pad|>"


def test_else_unk_where_no_text_is_unknown(tokenizer):
    found = chosen(tokenizer(["<unk>"], unk_token="<unk>"))
    assert found.token == "<unk>"
    assert found.reason == "no text is unknown to the tokenizer; it has none"


def test_unk_does_not_pad_where_it_is_the_end_as_in_gpt_2(tokenizer):
    made = tokenizer(bos_token="<eos>", unk_token="<eos>", pad_token="<eos>")
    assert chosen(made).token == "<|pad|>"


def test_unk_does_not_pad_where_it_stands_for_text(tokenizer):
    made = tokenizer(["<unk>"], is_byte_level=False, unk_token="<unk>")
    assert made("Ω")["input_ids"] == [made.unk_token_id]
    assert chosen(made).token == "<|pad|>"


def test_else_a_token_is_added_and_the_reason_says_so(tokenizer):
    found = chosen(tokenizer())
    assert found == ("<|pad|>", "added: nothing in the vocabulary is free; it has none")


def test_the_setting_decides_and_may_name_a_new_token(tokenizer):
    made = tokenizer(["<p>", "<unused0>"], pad_token="<p>")
    assert chosen(made, "<|filler|>") == ("<|filler|>", "set by `train.pad_token`")


def test_an_end_token_cannot_be_set_and_the_message_names_another(tokenizer):
    made = tokenizer(["<unused0>"])
    with pytest.raises(PadEqualsEos, match=r"'<eos>' is an end token.*Set it to '<unused0>'"):
        chosen(made, "<eos>")


@pytest.mark.parametrize("word", ["Ġkn", "Ġto", "s", "?", "other"])
def test_a_word_cannot_be_set_whether_the_vocabulary_has_it_or_not(tokenizer, word):
    with pytest.raises(TrainingError, match=r"is a word, so texts have it.*Set `pad_token` under"):
        chosen(tokenizer(), word)
    assert chosen(tokenizer(["PAD"]), "PAD").token == "PAD"


@pytest.mark.parametrize("token", [None, 5])
def test_no_collator_pads_with_an_end_token_or_none(token):
    with pytest.raises(PadEqualsEos, match=r"never learns to stop.*Leave `pad_token`"):
        pad.refuse_end(token, {5, 6})
    pad.refuse_end(7, {5, 6})


def test_a_trainer_with_such_a_collator_cannot_be_made(loaded, base, intents, write_rows, tmp_path):
    from tasks.sft.prepare import training_set
    from tasks.sft.rows import keep, read_rows
    from tasks.sft.spec import TrainSpec
    from tasks.sft.trainer import Trainer

    tokenizer, model = loaded
    tokenizer.pad_token = tokenizer.eos_token  # as TRL does where there is none
    path = write_rows(tmp_path / "rows.jsonl", intents[:2])
    spec = TrainSpec(base_model=str(base), rows=path, out=tmp_path)
    kept, _ = keep(tokenizer, read_rows(path), 99)
    with pytest.raises(PadEqualsEos):
        Trainer(model, spec, training_set(kept, spec), tokenizer)


def same_ids(folder):
    """The padding ids that a saved model's tokenizer, config and generation config have."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert len(tokenizer) <= model.config.vocab_size == len(model.get_input_embeddings().weight)
    pads = (tokenizer.pad_token_id, model.config.pad_token_id, model.generation_config.pad_token_id)
    return tokenizer, model, set(pads)


@pytest.mark.parametrize("tied", [True, False])
def test_an_added_token_gets_embeddings_and_everything_saved_agrees(tmp_path, loaded, tied):
    from transformers import AutoModelForCausalLM

    tokenizer, model = loaded
    model.config.tie_word_embeddings = tied
    model = AutoModelForCausalLM.from_config(model.config)
    before = model.get_input_embeddings().weight.detach().clone()
    pad.apply(tokenizer, model, pad.choose(tokenizer, set(), "<|filler|>"))
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    saved, again, pads = same_ids(tmp_path)
    assert pads == {saved.convert_tokens_to_ids("<|filler|>")} == {len(before)}
    rows, heads = again.get_input_embeddings().weight, again.get_output_embeddings().weight
    assert (rows.data_ptr() == heads.data_ptr()) == tied
    assert len(rows) % 64 == 0
    assert rows[: len(before)].equal(before)
    assert rows[len(before)].allclose(before.mean(dim=0))


def test_a_token_of_the_vocabulary_costs_no_embeddings(loaded):
    tokenizer, model = loaded
    before = model.get_input_embeddings().weight
    pad.apply(tokenizer, model, pad.choose(tokenizer, set(), "<|tool|>"))
    assert model.get_input_embeddings().weight is before
    assert model.config.pad_token_id == tokenizer.pad_token_id
