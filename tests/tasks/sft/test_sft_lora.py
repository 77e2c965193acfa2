"""LoRA: the base stays as it is, and what is saved can be loaded, asked and trained again."""

import json
from dataclasses import replace

import pytest

from schemas.errors import ResizedForLora, TrainingError
from schemas.release_settings import LoraSettings

pytest.importorskip("torch", reason="not run: no torch")
# peft 0.21 asks a model of transformers 5.23 by a name that 6 will not know
pytestmark = pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated")
SHORT = {"epochs": 2, "learning_rate": 2e-2, "tensorboard": False}


@pytest.fixture(scope="module")
def learn(spec, tmp_path_factory):
    """Train with LoRA in this process: learn(merge=False) is another run than learn()."""
    from tasks.sft.child import train

    def run(told=(), **lora):
        out = tmp_path_factory.mktemp("lora")
        given = {**SHORT, "out": out, "lora": LoraSettings(**{"rank": 4, **lora})}
        return train(spec.model_copy(update={**given, **dict(told)}), lambda _: None)

    return run


@pytest.fixture(scope="module")
def whole(learn):
    return learn()


@pytest.fixture(scope="module")
def adapter(learn):
    return learn(merge=False)


def weights(folder):
    from tasks.sft.load import weights_of

    return weights_of(str(folder), "auto").state_dict()


def test_a_merged_model_is_a_folder_like_any_other(whole, base):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    names = {path.name for path in whole.model.iterdir()}
    assert {"config.json", "generation_config.json", "model.safetensors"} <= names
    assert not [name for name in names if "adapter" in name]
    tokenizer = AutoTokenizer.from_pretrained(whole.model)
    model = AutoModelForCausalLM.from_pretrained(whole.model)
    assert model.generation_config.eos_token_id == tokenizer.eos_token_id
    before, after = weights(base), model.state_dict()
    changed = {name for name in before if not before[name].equal(after[name])}
    assert changed
    assert all("proj" in name for name in changed), "embeddings and norms are frozen"


def test_an_adapter_and_its_base_are_the_merged_model(whole, adapter):
    assert not (adapter.model / "model.safetensors").exists()
    one, other = weights(whole.model), weights(adapter.model)
    assert all(one[name].equal(other[name]) for name in one)


def test_an_adapter_is_loaded_by_its_folder_as_any_model(whole, adapter):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(adapter.model)
    asked = tokenizer.apply_chat_template(
        [{"role": "user", "content": "hi"}], return_tensors="pt", add_generation_prompt=True
    )
    one, other = (AutoModelForCausalLM.from_pretrained(each.model) for each in (whole, adapter))
    scores = [model(**asked).logits for model in (one, other)]
    assert (scores[0] - scores[1]).abs().max() < 1e-4


def test_an_adapter_answers_as_the_merged_model_does(whole, adapter, intents, tmp_path):
    from tasks.sft.generate import AnswerSpec
    from tasks.sft.greedy import greedy_answers

    prompts = [[{"role": "user", "content": one.prompt}] for one in intents[:5]]
    (tmp_path / "prompts.jsonl").write_text("\n".join(map(json.dumps, prompts)))
    told = {"prompts": tmp_path / "prompts.jsonl", "answers": tmp_path / "answers.json"}
    told |= {"max_new_tokens": 12, "batch_rows": 5, "threads": 1}
    said = [
        greedy_answers(AnswerSpec(model=str(one.model), **told), lambda _: None)
        for one in (whole, adapter)
    ]
    assert said[0] == said[1]


# said by peft at checkpoints; the vocabulary is as it was, or the base would have been refused
@pytest.mark.filterwarnings("ignore:Could not find a config file")
@pytest.mark.slow
def test_an_adapter_is_a_base_to_go_on_from(learn, adapter):
    from tasks.sft.weights import base_of

    second = learn({"base_model": str(adapter.model)}, merge=False)
    assert base_of(str(second.model)) == str(adapter.model)
    first, both = weights(adapter.model), weights(second.model)
    assert any(not first[name].equal(both[name]) for name in first)
    merged = weights(learn({"base_model": str(adapter.model)}).model)
    assert all(merged[name].equal(both[name]) for name in merged)


def test_an_adapter_on_another_base_is_another_model(tmp_path):
    from tasks.sft.weights import digest

    (tmp_path / "base").mkdir()
    (tmp_path / "adapter").mkdir()
    told = {"base_model_name_or_path": str(tmp_path / "base")}
    (tmp_path / "adapter" / "adapter_config.json").write_text(json.dumps(told))
    before = digest(str(tmp_path / "adapter"))
    (tmp_path / "base" / "model.safetensors").write_text("others")
    assert digest(str(tmp_path / "adapter")) != before


@pytest.mark.slow
def test_the_best_adapter_is_kept(learn, result, spec, intents, tmp_path, write_rows):
    """A model that knows the answers learns wrong ones: its validation loss rises."""
    wrong = [replace(one, answer=intents[-n].answer) for n, one in enumerate(intents)]
    told = {"base_model": str(result.model), "rows": write_rows(tmp_path / "wrong.jsonl", wrong)}
    learned = learn({**told, "validation": spec.rows, "learning_rate": 4e-3}, merge=False)
    seen = {look.step: look.validation[0].loss for look in learned.validated[:-1]}
    assert learned.best_step == min(seen, key=seen.get) < learned.steps
    assert learned.validation_loss == pytest.approx(seen[learned.best_step], rel=1e-5)


def test_checks_count_what_is_trained(adapter):
    found = {check.name: check.finding for check in adapter.checks}
    assert "about 0.00 GB for gradients and optimizer" in found["memory"]
    assert "differ by" in found["rows_are_alone"]


def test_a_base_that_needs_embeddings_is_refused_with_the_tokens(learn, loaded, tmp_path):
    tokenizer, model = loaded
    tokenizer.pad_token = None
    tokenizer.add_special_tokens({"pad_token": "<|brand-new|>"})
    tokenizer.save_pretrained(tmp_path / "base")
    model.save_pretrained(tmp_path / "base")
    with pytest.raises(ResizedForLora, match=r"embeddings for <\|brand-new\|>.*`pad_token`.*rank"):
        learn({"base_model": str(tmp_path / "base")})


def test_preflight_calls_that_a_failed_check_of_embeddings(spec, loaded, tmp_path):
    from tasks.sft.preflight import look_only
    from tasks.sft.train import checked

    tokenizer, model = loaded
    tokenizer.add_special_tokens({"pad_token": "<|brand-new|>"})
    tokenizer.save_pretrained(tmp_path / "base")
    model.save_pretrained(tmp_path / "base")
    told = {"base_model": str(tmp_path / "base"), "out": tmp_path, "lora": LoraSettings(rank=2)}
    look_only(spec.model_copy(update=told))
    [check] = checked(spec.model_copy(update=told))
    assert (check.name, check.passed) == ("embeddings", False)


def test_modules_that_the_base_has_not_are_one_line(learn):
    with pytest.raises(TrainingError, match=r"\[train.lora\] finds nothing.*nowhere.*all-linear"):
        learn(target_modules=("nowhere",))
