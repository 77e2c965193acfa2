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
