import json
import shutil

import pytest

from schemas.errors import TrainingError

pytest.importorskip("torch", reason="not run: no torch")


@pytest.mark.parametrize("what", ["tokenizer", "model"])
def test_a_folder_without_a_model_is_one_line_that_names_the_setting(tmp_path, what):
    from tasks.sft.load import tokenizer_of, weights_of

    with pytest.raises(TrainingError) as refused:
        tokenizer_of(str(tmp_path)) if what == "tokenizer" else weights_of(str(tmp_path), "auto")
    said = str(refused.value)
    assert said.startswith(f"no {what} can be loaded from '{tmp_path}'")
    assert "`base_model` under [train]" in said
    assert "\n" not in said


def test_a_folder_that_is_not_there_is_no_name_on_a_hub(tmp_path):
    from tasks.sft.load import tokenizer_of, weights_of

    gone = str(tmp_path / "gone")
    for load in (tokenizer_of, lambda model: weights_of(model, "auto")):
        with pytest.raises(TrainingError, match=rf"from '{gone}': there is no such folder\. Set"):
            load(gone)


@pytest.mark.parametrize(("kind", "chosen"), [("gpt2", "flash_attention_2"), ("bloom", None)])
def test_flash_attention_is_taken_where_it_is_installed_and_the_model_has_it(
    tmp_path, monkeypatch, kind, chosen
):
    from tasks.sft import attention

    model = saved(kind, tmp_path)
    assert attention.kernel(model, "auto") is None  # not installed
    monkeypatch.setattr(attention, "is_flash_attn_2_available", lambda: True)
    assert attention.kernel(model, "auto") == chosen
    assert attention.kernel(model, "eager") == "eager"
    assert attention.kernel(str(tmp_path / "gone"), "auto") is None


def test_the_attention_that_was_asked_for_is_taken_or_refused_with_the_setting(changed):
    from tasks.sft.load import weights_of

    eager = weights_of(str(changed), "auto", "eager")
    assert eager.config._attn_implementation == "eager"
    assert weights_of(str(changed), "auto").config._attn_implementation == "sdpa"
    with pytest.raises(TrainingError, match="`attention` is 'flash_attention_2', which cannot"):
        weights_of(str(changed), "auto", "flash_attention_2")


@pytest.fixture
def changed(base, tmp_path):
    """Copy the base model, to be broken."""
    return shutil.copytree(base, tmp_path / "base")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({"temperature": 0.6, "top_p": 0.9}, {"do_sample": True, "temperature": 0.6, "top_p": 0.9}),
        ({"top_p": 0.9, "do_sample": False}, {"do_sample": False}),
        ({"temperature": 0.0}, {}),
        ({"top_k": 5, "do_sample": True}, {"do_sample": True, "top_k": 5}),
    ],
    ids=["sampling", "greedy", "cold", "valid"],
)
def test_a_generation_config_that_cannot_be_saved_is_mended(changed, tmp_path, given, kept):
    from tasks.sft.load import weights_of

    told = changed / "generation_config.json"
    told.write_text(json.dumps(json.loads(told.read_text()) | given))
    model = weights_of(str(changed), "auto")
    model.generation_config.pad_token_id = 1  # as training does: unchanged ones are saved anyway
    model.save_pretrained(tmp_path / "saved")
    saved = json.loads((tmp_path / "saved" / "generation_config.json").read_text())
    names = ("do_sample", "temperature", "top_p", "top_k")
    assert {name: saved[name] for name in names if name in saved} == kept


def test_weights_that_break_off_are_one_line_with_the_fix(changed):
    from tasks.sft.load import weights_of

    weights = changed / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:5_000])
    with pytest.raises(
        TrainingError, match=r"its weights are broken, copy them again \(.+\)\. Set"
    ):
        weights_of(str(changed), "auto")


def test_a_model_that_was_saved_without_its_head_is_refused(changed):
    from transformers import AutoModel

    from tasks.sft.load import weights_of

    config = changed / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"tie_word_embeddings": False}))
    body = AutoModel.from_pretrained(changed)
    body.save_pretrained(changed)
    with pytest.raises(
        TrainingError, match=r"lack 1 of its weights.* random: lm_head\.weight\. Set"
    ):
        weights_of(str(changed), "auto")


SMALL = {
    **{"vocab_size": 50, "hidden_size": 32, "intermediate_size": 32},
    **{"num_hidden_layers": 1, "num_attention_heads": 2},
}


def saved(kind, folder):
    from transformers import AutoConfig, AutoModelForCausalLM

    AutoModelForCausalLM.from_config(AutoConfig.for_model(kind, **SMALL)).save_pretrained(folder)
    return str(folder)


@pytest.mark.parametrize("kind", ["bert", "roberta"])
def test_an_encoder_is_refused(tmp_path, kind):
    from tasks.sft.load import weights_of

    with pytest.raises(TrainingError, match=rf"it is an encoder \({kind}\).*`base_model`"):
        weights_of(saved(kind, tmp_path), "auto")


def test_a_decoder_whose_config_denies_it_is_loaded(tmp_path):
    from tasks.sft.load import weights_of

    assert not weights_of(saved("gpt_neox", tmp_path), "auto").config.is_decoder
