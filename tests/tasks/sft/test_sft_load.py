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
